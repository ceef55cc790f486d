using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A Kratos that knows every session cookie that begins with <c>good</c>, each as a session of its own. It does not answer whoami
/// with another before it is told to: as one whose database is slow for what it does not find. Or it is <see cref="IsSlow"/>.
/// </summary>
internal sealed class PickyKratos : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _connections = new(64);
    private int _asked;
    private int _flows;

    private PickyKratos(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    /// <summary>
    /// Whoami takes 200 ms and a connection to the database, of which there are 64: 320 answers a second, 401 too.
    /// </summary>
    public bool IsSlow { get; set; }

    /// <summary>Calls of whoami with a good cookie.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Login flows that were begun.</summary>
    public int Flows => Volatile.Read(ref _flows);

    /// <summary>Calls that wait for an answer now.</summary>
    public int Unanswered { get; private set; }

    public int MostUnanswered { get; private set; }

    public static async Task<PickyKratos> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var kratos = new PickyKratos(builder.Build());
        kratos._app.Run(kratos.AnswerAsync);
        await kratos._app.StartAsync();
        return kratos;
    }

    /// <summary>All are answered from now on: 401.</summary>
    public void Release() => _released.TrySetResult();

    private Task AnswerAsync(HttpContext context)
    {
        var cookie = context.Request.Cookies["ory_kratos_session"];
        switch (context.Request.Path.Value)
        {
            case "/health/ready":
                return context.Response.WriteAsync("{}");
            case "/sessions/whoami" when cookie is null:
                context.Response.StatusCode = 401;
                return Task.CompletedTask;
            case "/sessions/whoami" when IsSlow:
                return FindAsync(context, cookie);
            case "/sessions/whoami" when cookie.StartsWith("good", StringComparison.Ordinal):
                Interlocked.Increment(ref _asked);
                return context.Response.WriteAsync(Session(cookie));
            case "/sessions/whoami":
                return HoldAsync(context);
            case "/self-service/login": // submitted
                context.Response.Headers.SetCookie = $"ory_kratos_session={context.Request.Query["flow"]}; Path=/; HttpOnly";
                return Task.CompletedTask;
            case "/self-service/login/browser":
                Interlocked.Increment(ref _flows);
                return context.Response.WriteAsync("""{"ui":{"nodes":[{"group":"default"},{"group":"totp"}]}}""");
            default:
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
        }
    }

    private static string Session(string cookie)
    {
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(cookie)).AsSpan(0, 16));
        return ScriptedKratos.Session.Replace(ScriptedKratos.SessionId, $"{id}", StringComparison.Ordinal);
    }

    private async Task FindAsync(HttpContext context, string cookie)
    {
        await _connections.WaitAsync(CancellationToken.None); // a database works on for who has gone
        await Task.Delay(200, CancellationToken.None);
        _connections.Release();
        if (cookie.StartsWith("good", StringComparison.Ordinal))
            await context.Response.WriteAsync(Session(cookie));
        else
            context.Response.StatusCode = 401;
    }

    private async Task HoldAsync(HttpContext context)
    {
        Count(1);
        try
        {
            await _released.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = 401;
        }
        catch (OperationCanceledException)
        {
            // whoever asked has waited long enough
        }
        finally
        {
            Count(-1);
        }
    }

    private void Count(int change)
    {
        lock (_gate)
        {
            Unanswered += change;
            MostUnanswered = Math.Max(MostUnanswered, Unanswered);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _connections.Dispose();
    }
}
