using System.Net.WebSockets;
using System.Text;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>The method that a route's rule has seen is the one that the service gets, whoever wants to switch to what.</summary>
public sealed class UpgradeTests(RouteKinds system) : IClassFixture<RouteKinds>
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private const string Version = "Sec-WebSocket-Version: 13\r\n";
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    private const string Spdy = "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n";
    private const string Handshake = $"{Upgrade}{Version}Sec-WebSocket-Key: {Key}\r\n";

    private static readonly string[] OtherMethods = ["OPTIONS", "POST", "PUT", "DELETE", "PATCH", "HEAD", "QUERY"];

    private static readonly string[] Public =
    [
        "plain", "transformed", "prefixed", "host", "h2c", "h2c-transformed", "tls", "tls-transformed", "tls-http2",
        "tls-http1", "tls-http1-transformed", "kratos", "auth",
    ];

    public static TheoryData<string> Kinds => new(Public);

    public static TheoryData<string> KindsWithOrders => new([.. Public, "orders"]);

    [Theory]
    [MemberData(nameof(KindsWithOrders))]
    public async Task An_upgrade_by_another_method_than_get_is_refused(string kind)
    {
        string[] upgrades =
        [
            "Connection: Upgrade\r\nUpgrade: websocket\r\n",
            Handshake,
            "Connection: keep-alive, uPGRADE\r\nUpgrade: \t WebSocket \t\r\n",
            "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n",
            "Connection: Upgrade\r\nUpgrade: spdy/\r\n",
            "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nUpgrade: websocket\r\n",
            "Connection: Upgrade\r\nUpgrade: foo,websocket\r\n",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n",
        ];
        var requests = from method in OtherMethods
                       from version in (string[])["1.1", "1.0"]
                       from upgrade in upgrades
                       select (method, version, upgrade);
        foreach (var (method, version, upgrade) in requests)
        {
            var answer = await SendAsync(kind, method, version, upgrade);

            Assert.Empty(system.Take());
            Assert.Equal((method, upgrade, 400), (method, upgrade, answer.Status));
            if (method is not "HEAD")
                Assert.Contains("\"reason\":\"malformed_request\"", answer.Text, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, string, string, string> NoUpgrades
    {
        get
        {
            const string Http2 = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
            (string Method, string Version, string Headers, string Body)[] requests =
            [
                ("GET", "1.1", "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n", ""),
                ("GET", "1.1", "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nUpgrade: websocket\r\n", ""),
                ("GET", "1.1", Http2, ""),
                ("POST", "1.1", Http2, ""),
                ("OPTIONS", "1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n", ""),
                ("DELETE", "1.1", "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n", ""),
                ("PUT", "1.1", "Connection: Upgrade\r\nUpgrade:\r\n", ""),
                ("PATCH", "1.1", "Connection: Upgrade\r\n", ""),
                ("OPTIONS", "1.1", "Upgrade: websocket\r\n", ""),
                ("GET", "1.1", $"Upgrade: websocket\r\n{Version}Sec-WebSocket-Key: {Key}\r\n", ""),
                ("GET", "1.1", Upgrade, ""),
                ("GET", "1.1", Upgrade + Version, ""),
                ("GET", "1.1", $"{Upgrade}Sec-WebSocket-Key: {Key}\r\n", ""),
                ("GET", "1.1", $"{Upgrade}Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: {Key}\r\n", ""),
                ("GET", "1.1", $"{Upgrade}{Version}{Version}Sec-WebSocket-Key: {Key}\r\n", ""),
                ("GET", "1.1", $"{Upgrade}{Version}Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Key: {Key}\r\n", ""),
                ("GET", "1.1", $"{Upgrade}{Version}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA\r\n", ""), // 18 bytes
                ("GET", "1.1", $"{Upgrade}{Version}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA\r\n", ""), // 15 bytes
                ("GET", "1.1", $"{Upgrade}{Version}Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==\r\n", ""),
                ("GET", "1.1", $"Connection: Upgrade\r\nUpgrade: websocket, foo\r\n{Version}Sec-WebSocket-Key: {Key}\r\n", ""),
                ("GET", "1.1", $"{Upgrade}Upgrade: foo\r\n{Version}Sec-WebSocket-Key: {Key}\r\n", ""),
                ("GET", "1.0", Handshake, ""),
                ("GET", "1.1", $"{Handshake}Content-Length: 4\r\n", "body"),
                ("GET", "1.1", $"{Handshake}Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
                ("POST", "1.1", $"{Handshake}Content-Length: 4\r\n", "body"),
                ("POST", "1.1", $"{Handshake}Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
                ("OPTIONS", "1.0", "Connection: Upgrade\r\nUpgrade: h2c\r\n", ""),
            ];
            var data = new TheoryData<string, string, string, string>();
            foreach (var (method, version, headers, body) in requests)
                data.Add(method, version, headers, body);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NoUpgrades))]
    public async Task What_is_no_handshake_is_an_ordinary_request(string method, string version, string headers, string body)
    {
        foreach (var kind in Public)
        {
            var answer = await SendAsync(kind, method, version, headers, body);

            Assert.Equal((kind, 200), (kind, answer.Status));
            var received = Assert.Single(system.Take());
            Assert.Equal((kind, method), (kind, received.Method));
            Assert.Equal(body.Length == 0 ? "" : "body", received.Body);
            Assert.Null(received.Header("Upgrade"));
            Assert.Null(received.Header("Connection"));
            Assert.Null(received.Header("HTTP2-Settings"));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_websocket_works_on_every_kind_of_route(string kind) => await ConverseAsync(kind, null);

    [Theory]
    [InlineData("signed")]
    [InlineData("signed-transformed")]
    [InlineData("orders")]
    public async Task A_websocket_works_for_who_is_signed_in(string kind)
    {
        var session = await system.Http1.Kratos.SignInNewAsync();

        var received = await ConverseAsync(kind, $"a=b; {session.CookieHeader}");

        Assert.Equal("GET", received.Method);
        Assert.Equal(session.IdentityId.ToString(), received.Header("X-User-Id"));
        Assert.Equal("a=b", received.Header("Cookie"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_handshake_is_one_in_any_letter_case_and_with_any_blanks(string kind)
    {
        string[] handshakes =
        [
            Handshake,
            $"connection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n{Version}sec-websocket-key: {Key}\r\n",
            $"Connection: UPGRADE\r\nUpgrade:WEBSOCKET \t\r\nSec-WebSocket-Version:\t13 \r\nSec-WebSocket-Key:  {Key} \r\n",
            $"Connection: keep-alive\r\nConnection: ,upgrade ,\r\nUpgrade: websocket\r\n{Version}Sec-WebSocket-Key: {Key}\r\n",
            $"{Handshake}Content-Length: 0\r\n",
        ];
        foreach (var handshake in handshakes)
        {
            var (gateway, path) = system.Of(kind);

            var request = $"GET {path} HTTP/1.1\r\nHost: {Host(kind, gateway)}\r\n{handshake}\r\n";
            var answer = await RawHttp.HeadAsync(gateway.Url, request);

            Assert.Equal((handshake, 101), (handshake, answer.Status));
            Assert.Contains("Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", answer.Text, StringComparison.OrdinalIgnoreCase);
            system.Take();
        }
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("signed")]
    [InlineData("signed-transformed")]
    public async Task No_way_of_asking_for_an_upgrade_reads_what_is_for_the_signed_in(string kind)
    {
        var requests = from method in (string[])[.. OtherMethods, "GET", "get", "Options"]
                       from upgrade in (string[])[Upgrade, Handshake, Spdy]
                       select (method, upgrade);
        foreach (var (method, upgrade) in requests)
        {
            var answer = await SendAsync(kind, method, "1.1", upgrade);

            Assert.Empty(system.Take());
            Assert.True(answer.Status is 400 or 401, $"{method} {upgrade} {answer.Status}");
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("orders")]
    [InlineData("kratos")]
    [InlineData("auth")]
    public async Task Nothing_is_upgraded_over_http2(string kind)
    {
        var (gateway, path) = system.Of(kind, http2: true);
        (string, string)[] request = [(":scheme", "http"), (":authority", gateway.Url.Authority), (":path", path)];
        (string, string)[] handshake = [("sec-websocket-version", "13"), ("sec-websocket-key", Key)];

        // Kestrel offers WebSockets over HTTP/2 (RFC 8441); the gateway takes no CONNECT.
        (string, string)[] connect = [(":method", "CONNECT"), (":protocol", "websocket"), .. request, .. handshake];
        Assert.Equal(405, await RawHttp2.SendAsync(gateway.Url, connect));
        Assert.Empty(system.Take());

        var requests = from method in OtherMethods
                       from upgrade in (string[])["websocket", "SPDY/3.1"]
                       select (method, upgrade);
        foreach (var (method, upgrade) in requests)
        {
            (string, string)[] asking = [(":method", method), .. request, ("upgrade", upgrade), .. handshake];
            var status = await RawHttp2.SendAsync(gateway.Url, asking);

            var received = system.Take();
            Assert.Equal(status is 200 ? 1 : 0, received.Count);
            Assert.All(received, r => Assert.Equal((method, null), (r.Method, r.Header("Upgrade"))));
        }
    }

    private Task<RawAnswer> SendAsync(string kind, string method, string version, string headers, string body = "")
    {
        var (gateway, path) = system.Of(kind);
        var text = $"{method} {path} HTTP/{version}\r\nHost: {Host(kind, gateway)}\r\nConnection: close\r\n{headers}\r\n{body}";
        return RawHttp.SendAsync(gateway.Url, text);
    }

    private static string Host(string kind, TestSystem gateway) => kind is "host" ? "shop.test" : gateway.Url.Authority;

    /// <summary>Opens a WebSocket, hears its echo and closes it. What the service received.</summary>
    private async Task<Received> ConverseAsync(string kind, string? cookie)
    {
        var (gateway, path) = system.Of(kind);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", Host(kind, gateway));
        if (cookie is not null)
            socket.Options.SetRequestHeader("Cookie", cookie);
        var buffer = new byte[16];

        await socket.ConnectAsync(new UriBuilder(gateway.Url) { Scheme = "ws", Path = path }.Uri, limit.Token);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, limit.Token);
        var message = await socket.ReceiveAsync(buffer, limit.Token);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, message.Count));
        return Assert.Single(system.Take());
    }
}
