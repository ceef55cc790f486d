using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A service that says nothing (<c>silent</c>), half an answer (<c>half</c>), a line of a stream of the query's <c>type</c>
/// (<c>stream</c>) or an event stream's head (<c>head</c>), and then waits until it is told to go on, or given up; told to, it
/// begins a stream of that type (<c>late</c>). <c>quick</c> is answered.
/// </summary>
internal sealed class SlowService : IAsyncDisposable
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _continue = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _app = null!;
    private int _givenUp;

    public Uri Url => new(_app.Urls.First());

    public Task AskedAsync() => _asked.Task.WaitAsync(TestContext.Current.CancellationToken);

    public void Continue() => _continue.SetResult();

    public Task GivenUpAsync(int count) => TestSystem.UntilAsync(() => Task.FromResult(Volatile.Read(ref _givenUp) >= count));

    public static async Task<SlowService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new SlowService { _app = builder.Build() };
        service._app.Run(service.AnswerAsync);
        await service._app.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var kind = context.Request.Path.Value!.Split('/')[^1];
        var answer = context.Response;
        answer.ContentType = kind is "head" ? "text/event-stream" : context.Request.Query["type"];
        if (kind is "half" or "head")
            await answer.StartAsync(context.RequestAborted);
        if (kind is "half" or "stream")
            await answer.WriteAsync("data: begun\n", context.RequestAborted);
        if (kind is not ("silent" or "late"))
            await answer.Body.FlushAsync(context.RequestAborted);
        _asked.TrySetResult();
        if (kind is "quick") return;
        try
        {
            await _continue.Task.WaitAsync(context.RequestAborted);
            await answer.WriteAsync("data: done\n", context.RequestAborted);
            if (kind is not "late") return;
            await answer.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(TimeSpan.FromSeconds(10), context.RequestAborted);
            await answer.WriteAsync("data: later\n", context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _givenUp);
        }
    }
}
