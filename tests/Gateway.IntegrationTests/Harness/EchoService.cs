using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Harness;

/// <summary>What the service behind the gateway received.</summary>
internal sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? Header(string name) => Headers.TryGetValue(name, out var value) ? value : null;
}

/// <summary>
/// A service that answers <c>{"ok":true}</c> and remembers every request; <c>?status=</c>, <c>?body=</c> and
/// <c>?header=name:value</c> choose the answer. WebSockets are echoed.
/// </summary>
internal sealed class EchoService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();
    private readonly ConcurrentQueue<string> _closed = new();

    private EchoService(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public IReadOnlyList<Received> Received => [.. _received];

    /// <summary>The one request received.</summary>
    public Received Only => Assert.Single(_received);

    /// <summary>The code and reason of every Close frame that WebSockets were ended with.</summary>
    public IReadOnlyList<string> Closed => [.. _closed];

    public void Forget()
    {
        _received.Clear();
        _closed.Clear();
    }

    public static Task<EchoService> StartAsync(string url = "http://127.0.0.1:0") =>
        StartAsync(builder => builder.WebHost.UseUrls(url));

    /// <summary>A service that speaks only these versions of HTTP; over TLS with a certificate that nobody signed.</summary>
    public static Task<EchoService> StartAsync(HttpProtocols protocols, bool tls) => StartAsync(builder =>
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = protocols;
            if (tls)
                endpoint.UseHttps(SelfSigned());
        }));
    });

    private static async Task<EchoService> StartAsync(Action<WebApplicationBuilder> listen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.AddServerHeader = false);
        listen(builder);
        var app = builder.Build();
        var service = new EchoService(app);
        app.UseWebSockets();
        app.Run(service.AnswerAsync);
        await app.StartAsync();
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        // Wide, because the clock is not to be read here.
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    private async Task AnswerAsync(HttpContext context)
    {
        // The gateway's own question to whoever stands at Kratos:PublicUrl, not a forwarded one: there this service plays Kratos.
        if (context.Request.Path == "/sessions/whoami" && !context.Request.Headers.ContainsKey("X-Forwarded-For"))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        _received.Enqueue(new(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            context.WebSockets.IsWebSocketRequest ? "" : await reader.ReadToEndAsync()));
        if (context.WebSockets.IsWebSocketRequest)
        {
            await EchoAsync(await context.WebSockets.AcceptWebSocketAsync());
            return;
        }

        context.Response.StatusCode = int.TryParse(context.Request.Query["status"], out var status) ? status : 200;
        foreach (var header in context.Request.Query["header"])
            context.Response.Headers.Append(header!.Split(':', 2)[0], header.Split(':', 2)[1]);
        if (context.Request.Query.TryGetValue("empty", out _)) return;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            context.Request.Query["body"].ToString() is { Length: > 0 } body ? body : """{"ok":true}""");
    }

    private async Task EchoAsync(WebSocket socket)
    {
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, CancellationToken.None)
            is { MessageType: not WebSocketMessageType.Close } message)
        {
            await socket.SendAsync(
                buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, CancellationToken.None);
        }
        _closed.Enqueue($"{(int?)socket.CloseStatus} {socket.CloseStatusDescription}");
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }
}
