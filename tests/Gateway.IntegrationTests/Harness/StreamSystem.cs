using System.Net;
using System.Net.WebSockets;
using System.Text;
using DevKratos.Core;
using Gateway.IntegrationTests.Harness.Grpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// Two gateways, for HTTP/1.1 and for HTTP/2, in front of services whose answers have no end, and clients of each kind.
/// </summary>
public sealed class StreamSystem : IAsyncLifetime
{
    private const string Yaml = """
        ReverseProxy:
          Routes:
            socket: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: "/socket/{**rest}" } }
            socket-transformed:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              Match: { Path: "/socket-transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            socket-timed:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              Timeout: 60s
              Match: { Path: "/socket-timed/{**rest}" }
            socket-h2c: { ClusterId: h2c, AuthorizationPolicy: signed-in, Match: { Path: "/socket-h2c/{**rest}" } }
            socket-tls: { ClusterId: tls, AuthorizationPolicy: signed-in, Match: { Path: "/socket-tls/{**rest}" } }
            socket-optional: { ClusterId: echo, AuthorizationPolicy: optional, Match: { Path: "/socket-optional/{**rest}" } }
            socket-public: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/socket-public/{**rest}" } }
            events: { ClusterId: slow, AuthorizationPolicy: signed-in, Match: { Path: "/events/{**rest}" } }
            events-transformed:
              ClusterId: slow
              AuthorizationPolicy: signed-in
              Match: { Path: "/events-transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            grpc: { ClusterId: grpc, AuthorizationPolicy: signed-in, Match: { Path: "/gateway.tests.Echo/{**method}" } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
            slow: { Destinations: { a: { Address: "{slow}" } } }
            h2c:
              HttpRequest: { Version: "2.0", VersionPolicy: RequestVersionExact }
              Destinations: { a: { Address: "{h2c}" } }
            tls: { HttpClient: { DangerousAcceptAnyServerCertificate: true }, Destinations: { a: { Address: "{tls}" } } }
            grpc:
              HttpRequest: { Version: "2.0", VersionPolicy: RequestVersionExact }
              Destinations: { a: { Address: "{grpc}" } }
        """;

    private readonly string[] _args;
    private EchoService _h2c = null!, _tls = null!;
    private GrpcEchoService _grpc = null!;
    private SlowService _slow = null!;

    public StreamSystem()
        : this([])
    {
    }

    internal StreamSystem(params string[] args) => _args = args;

    /// <summary>By when a stream has ended that ever does, on the busiest machine.</summary>
    internal static TimeSpan Limit { get; } = TimeSpan.FromSeconds(20);

    internal static TimeSpan SessionLifespan { get; } = TimeSpan.FromHours(6);

    /// <summary>The clock of both gateways' Kratos.</summary>
    internal ShiftedTime KratosTime { get; } = new();

    /// <summary>Every kind of stream with what its two sides see when its session has ended.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new Dictionary<string, string>
    {
        ["socket"] = "client: {close}, service: {close}",
        ["socket-transformed"] = "client: {close}, service: {close}",
        ["socket-timed"] = "client: {close}, service: {close}",
        ["socket-h2c"] = "client: {close}, service: {close}",
        ["socket-tls"] = "client: {close}, service: {close}",
        ["socket-optional"] = "client: {close}, service: {close}",
        ["events"] = "client: whole",
        ["events-transformed"] = "client: whole",
        ["events-http2"] = "client: whole",
        ["lines"] = "client: cut",
        ["lines-http2"] = "client: cut",
        ["grpc-duplex"] = "client: {status}",
        ["grpc-unanswered"] = "client: cut",
    };

    internal TestSystem Http1 { get; private set; } = null!;

    internal TestSystem Http2 { get; private set; } = null!;

    internal SlowService Slow => _slow;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _h2c = await EchoService.StartAsync(HttpProtocols.Http2, tls: false);
        _tls = await EchoService.StartAsync(HttpProtocols.Http1, tls: true);
        _grpc = await GrpcEchoService.StartAsync();
        _slow = await SlowService.StartAsync();
        var yaml = Yaml
            .Replace("{h2c}", _h2c.Url.ToString(), StringComparison.Ordinal)
            .Replace("{tls}", _tls.Url.ToString(), StringComparison.Ordinal)
            .Replace("{grpc}", _grpc.Url.ToString(), StringComparison.Ordinal)
            .Replace("{slow}", _slow.Url.ToString(), StringComparison.Ordinal);
        var kratos = new DevKratosOptions { TimeProvider = KratosTime, SessionLifespan = SessionLifespan };
        Http1 = await TestSystem.StartAsync(_args, yaml, kratos);
        Http2 = await TestSystem.StartAsync(["--Kestrel:EndpointDefaults:Protocols=Http2", .. _args], yaml, kratos);
    }

    public async ValueTask DisposeAsync()
    {
        await Http1.DisposeAsync();
        await Http2.DisposeAsync();
        foreach (var service in (IAsyncDisposable[])[_slow, _grpc, _tls, _h2c])
            await service.DisposeAsync();
    }

    /// <summary>The gateway that a kind of stream goes through.</summary>
    internal TestSystem Of(string kind) => kind.EndsWith("-http2", StringComparison.Ordinal) || IsGrpc(kind) ? Http2 : Http1;

    /// <summary>Opens a stream, and has something said in both directions.</summary>
    /// <param name="url">Another gateway than <see cref="Of"/>.</param>
    /// <returns>How the stream ends.</returns>
    internal Task<Task<string>> OpenAsync(string kind, string cookie, Uri? url = null)
    {
        url ??= Of(kind).Url;
        if (IsGrpc(kind)) return OpenCallAsync(kind, cookie, url);
        return kind.StartsWith("socket", StringComparison.Ordinal)
            ? OpenSocketAsync(kind, cookie, url)
            : OpenEventsAsync(kind, cookie, url);
    }

    private static bool IsGrpc(string kind) => kind.StartsWith("grpc", StringComparison.Ordinal);

    private async Task<Task<string>> OpenSocketAsync(string kind, string cookie, Uri url)
    {
        var service = kind switch
        {
            "socket-h2c" => _h2c,
            "socket-tls" => _tls,
            _ => Http1.Service,
        };
        var socket = new ClientWebSocket();
        if (cookie.Length > 0)
            socket.Options.SetRequestHeader("Cookie", cookie);
        await socket.ConnectAsync(new UriBuilder(new Uri(url, $"/{kind}/1")) { Scheme = "ws" }.Uri, Token);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Token);
        var message = await socket.ReceiveAsync(new byte[16], Token);
        Assert.Equal(5, message.Count);
        service.Forget();
        return EndAsync();

        async Task<string> EndAsync()
        {
            using (socket)
            {
                var close = await socket.ReceiveAsync(new byte[16], Token);
                Assert.Equal(WebSocketMessageType.Close, close.MessageType);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);
                await TestSystem.UntilAsync(() => Task.FromResult(service.Closed.Count == 1));
                return $"client: {(int?)close.CloseStatus} {close.CloseStatusDescription}, service: {service.Closed[0]}";
            }
        }
    }

    private static async Task<Task<string>> OpenEventsAsync(string kind, string cookie, Uri url)
    {
        var isHttp2 = kind.EndsWith("-http2", StringComparison.Ordinal);
        var route = kind is "events-transformed" ? kind : "events";
        var type = kind.StartsWith("events", StringComparison.Ordinal) ? "text/event-stream" : "application/x-ndjson";
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
        {
            DefaultRequestVersion = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            BaseAddress = url,
        };
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        var body = await client.GetStreamAsync($"/{route}/stream?type={Uri.EscapeDataString(type)}", Token);
        var buffer = new byte[64];
        Assert.Equal("data: begun\n", Encoding.ASCII.GetString(buffer, 0, await body.ReadAsync(buffer, Token)));
        return EndAsync();

        async Task<string> EndAsync()
        {
            using (client)
            {
                try
                {
                    return await body.ReadAsync(buffer, Token) == 0 ? "client: whole" : "client: more";
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    return "client: cut";
                }
            }
        }
    }

    private async Task<Task<string>> OpenCallAsync(string kind, string cookie, Uri url)
    {
        var channel = GrpcChannel.ForAddress(url);
        var client = new Echo.EchoClient(channel);
        var signedIn = new Metadata { { "cookie", cookie } };
        if (kind is "grpc-unanswered")
        {
            var unanswered = client.ClientStream(signedIn, cancellationToken: Token);
            var heard = _grpc.Heard;
            await unanswered.RequestStream.WriteAsync(new() { Text = "hello" }, Token);
            await TestSystem.UntilAsync(() => Task.FromResult(_grpc.Heard > heard));
            return EndAsync(unanswered.ResponseAsync);
        }
        var call = client.Duplex(signedIn, cancellationToken: Token);
        await call.RequestStream.WriteAsync(new() { Text = "hello" }, Token);
        Assert.True(await call.ResponseStream.MoveNext(Token));
        return EndAsync(call.ResponseStream.MoveNext(Token));

        async Task<string> EndAsync(Task ended)
        {
            using (channel)
            {
                try
                {
                    await ended;
                    return "client: whole";
                }
                catch (RpcException e)
                {
                    return e.StatusCode is StatusCode.Unauthenticated or StatusCode.Unavailable && kind is "grpc-duplex"
                        ? $"client: {e.StatusCode} {e.Status.Detail}"
                        : "client: cut";
                }
            }
        }
    }
}
