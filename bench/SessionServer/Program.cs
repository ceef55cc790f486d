using System.Globalization;
using System.Text;

namespace Bench.SessionServer;

/// <summary>
/// Stands in for Kratos' <c>GET /sessions/whoami</c>: same body, same headers, a fixed delay (<c>--delay-ms</c>, 1 by default)
/// and a count of the calls. The cookie <c>ory_kratos_session=u42…</c> is the session of identity 42, verified, at aal1; any
/// other credential is 401.
/// </summary>
public static class Program
{
    private const string CookieName = "ory_kratos_session=u";

    private static readonly byte[] Unauthorized = Encoding.UTF8.GetBytes(
        """{"error":{"code":401,"status":"Unauthorized","reason":"No valid session credentials found in the request.","message":"The request could not be authorized"}}""");

    private static long whoami;
    private static long ready;

    public static Task Main(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        var delay = new PreciseDelay(TimeSpan.FromMilliseconds(builder.Configuration.GetValue("delay-ms", 1.0)));
        var session = new SessionBody(TimeProvider.System.GetUtcNow());
        var app = builder.Build();
        app.Run(context => context.Request.Path.Value switch
        {
            "/sessions/whoami" => WhoamiAsync(context, session, delay),
            "/health/ready" or "/health/alive" => ReadyAsync(context),
            "/counters" => context.Response.WriteAsync(
                $$"""{"whoami":{{Interlocked.Read(ref whoami)}},"ready":{{Interlocked.Read(ref ready)}}}""",
                context.RequestAborted),
            _ => NotFoundAsync(context),
        });
        return app.RunAsync();
    }

    private static async Task WhoamiAsync(HttpContext context, SessionBody session, PreciseDelay delay)
    {
        Interlocked.Increment(ref whoami);
        await delay.WaitAsync();

        var response = context.Response;
        response.Headers.CacheControl = "private, no-cache, no-store, must-revalidate";
        response.Headers.Vary = new string[] { "Origin", "Cookie" };
        byte[] body;
        if (Identity(context.Request) is { } number)
        {
            response.ContentType = "application/json; charset=utf-8";
            response.Headers["X-Kratos-Authenticated-Identity-Id"] = SessionBody.IdentityId(number);
            body = session.For(number);
        }
        else
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.ContentType = "application/json";
            body = Unauthorized;
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Task ReadyAsync(HttpContext context)
    {
        Interlocked.Increment(ref ready);
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync("""{"status":"ok"}""", context.RequestAborted);
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>The number behind <c>u</c> in the session cookie, or null.</summary>
    private static int? Identity(HttpRequest request)
    {
        foreach (var line in request.Headers.Cookie)
        {
            var start = line?.IndexOf(CookieName, StringComparison.Ordinal) ?? -1;
            if (start < 0)
                continue;
            var digits = line.AsSpan(start + CookieName.Length);
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            if (int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
        }

        return null;
    }
}
