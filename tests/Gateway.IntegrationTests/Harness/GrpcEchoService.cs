using System.Net;
using Gateway.IntegrationTests.Harness.Grpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A gRPC service over HTTP/2 without TLS. Every answer tells who the gateway says is calling, and ends with the trailer
/// <c>x-echo-bin</c>.
/// </summary>
internal sealed class GrpcEchoService : Echo.EchoBase, IAsyncDisposable
{
    private readonly TaskCompletionSource<DateTime> _deadline = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _app = null!;
    private int _heard;

    public static readonly byte[] Trailer = [0, 255, 10];

    public Uri Url => new(_app.Urls.First());

    /// <summary>The deadline of a call that hangs.</summary>
    public Task<DateTime> Deadline => _deadline.Task;

    /// <summary>How many questions of client streams have come.</summary>
    public int Heard => Volatile.Read(ref _heard);

    /// <summary>Done when a call that hangs has been given up.</summary>
    public Task Cancelled => _cancelled.Task;

    public static async Task<GrpcEchoService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        var service = new GrpcEchoService();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(service);
        service._app = builder.Build();
        service._app.MapGrpcService<GrpcEchoService>();
        await service._app.StartAsync();
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    public override async Task<Answer> Unary(Question request, ServerCallContext context)
    {
        if (request.Hang)
            await HangAsync(context);
        return End(request, context);
    }

    public override async Task ServerStream(
        Question request,
        IServerStreamWriter<Answer> responseStream,
        ServerCallContext context)
    {
        foreach (var word in request.Text.Split(' '))
            await responseStream.WriteAsync(AnswerTo(word, context), context.CancellationToken);
        End(request, context);
    }

    public override async Task<Answer> ClientStream(IAsyncStreamReader<Question> requestStream, ServerCallContext context)
    {
        var words = new List<string>();
        await foreach (var question in requestStream.ReadAllAsync(context.CancellationToken))
        {
            words.Add(question.Text);
            Interlocked.Increment(ref _heard);
        }
        return End(new() { Text = string.Join(' ', words) }, context);
    }

    public override async Task Duplex(
        IAsyncStreamReader<Question> requestStream,
        IServerStreamWriter<Answer> responseStream,
        ServerCallContext context)
    {
        await foreach (var question in requestStream.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(AnswerTo(question.Text, context), context.CancellationToken);
        End(new(), context);
    }

    private async Task HangAsync(ServerCallContext context)
    {
        _deadline.TrySetResult(context.Deadline);
        try
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
        finally
        {
            _cancelled.TrySetResult();
        }
    }

    private static Answer AnswerTo(string text, ServerCallContext context) =>
        new() { Text = text, UserId = context.RequestHeaders.GetValue("x-user-id") ?? "" };

    private static Answer End(Question question, ServerCallContext context)
    {
        context.ResponseTrailers.Add("x-echo-bin", Trailer);
        if (question.Fail > 0) throw new RpcException(new Status((StatusCode)question.Fail, "äs asked"));
        return AnswerTo(question.Text, context);
    }
}
