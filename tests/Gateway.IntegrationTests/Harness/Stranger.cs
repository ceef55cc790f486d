using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Harness;

/// <summary>Whatever listens at the address: 200 to everything but the questions that the gateway itself asks.</summary>
internal sealed class Stranger : IAsyncDisposable
{
    /// <summary>Instead of a status: no answer at all.</summary>
    public const int Silent = -1;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _others = new();
    private int _asked;

    private Stranger(WebApplication app, int whoami, int ready) => (_app, Whoami, Ready) = (app, whoami, ready);

    public Uri Url => new(_app.Urls.First());

    /// <summary>
    /// The answer to whoami without a credential, or <see cref="Silent"/>; with one it is the same, or 200 when there is a
    /// <see cref="Body"/>.
    /// </summary>
    public int Whoami { get; set; }

    public int Ready { get; set; }

    public string? Body { get; set; }

    /// <summary>Whoami without a credential waits for this.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <summary>How often whoami was asked without a credential.</summary>
    public int Asked => _asked;

    /// <summary>Every request that was not the gateway's own.</summary>
    public IEnumerable<string> Others => _others;

    public static async Task<Stranger> StartAsync(int whoami, int port = 0, int ready = 200)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var stranger = new Stranger(app, whoami, ready);
        app.Run(stranger.AnswerAsync);
        await app.StartAsync();
        return stranger;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        // What is forwarded says so.
        if (context.Request.Headers.ContainsKey("X-Forwarded-For"))
        {
            _others.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return;
        }
        if (context.Request.Path == "/health/ready")
        {
            context.Response.StatusCode = Ready;
            return;
        }
        if (context.Request.Path == "/self-service/errors")
        {
            context.Response.StatusCode = 404;
            return;
        }

        string[] credentials = ["Cookie", "X-Session-Token"];
        var anonymous = !credentials.Any(context.Request.Headers.ContainsKey);
        if (anonymous)
        {
            Interlocked.Increment(ref _asked);
            if (Hold is { } hold)
                await hold.Task.WaitAsync(context.RequestAborted);
        }
        if (Whoami is Silent)
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        context.Response.StatusCode = !anonymous && Body is not null ? 200 : Whoami;
        if (Body is null || context.Response.StatusCode is not 200) return;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Body);
    }
}
