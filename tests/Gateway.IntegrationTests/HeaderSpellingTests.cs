using DevKratos;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// A service that is run as CGI servers do it reads every character of a header's name that is no letter and no digit as <c>_</c>
/// (RFC 3875 section 4.1.18), so what only the gateway may say cannot be said in any such spelling.
/// </summary>
public sealed class HeaderSpellingTests(RouteKinds system) : IClassFixture<RouteKinds>
{
    /// <summary>RFC 9110 section 5.6.2: what else than letters and digits may stand in a name.</summary>
    private const string Separators = "!#$%&'*+-.^_`|~";

    private static readonly string[] Names =
    [
        "X-User-Id", "x-user-email", "X-SESSION-ID", "X-Session-Aal", "X-Http-Method-Override", "X-HTTP-Method",
        "X-Forwarded-For", "X-Forwarded-User", "X-Original-URL", "X-Rewrite-Url", "X-Real-IP", "Client-IP", "X-Content-Length",
        "Keep-Alive", "Proxy-Authorization", "HTTP2-Settings",
    ];

    /// <summary>Names that mean something to the gateway or to Kestrel when they are spelled as they should be.</summary>
    private static readonly string[] NamesWithMeaning = ["X-Session-Token", "Transfer-Encoding"];

    public static TheoryData<string> Kinds => new(
        "plain", "transformed", "prefixed", "host", "orders", "signed", "signed-transformed",
        "h2c", "h2c-transformed", "tls", "kratos", "auth");

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_reserved_name_is_forged_with_no_separator(string kind)
    {
        var (gateway, path) = system.Of(kind);
        var session = await SignInAsync(gateway, kind);
        foreach (var separator in Separators)
        {
            string[] headers =
            [
                $"Host: {Host(kind, gateway)}", "Connection: close",
                $"Cookie: {Cookie(session)}", .. Forged(separator), "X~Other: kept",
            ];

            var answer = await RawHttp.SendAsync(gateway.Url, $"GET {path} HTTP/1.1\r\n{Lines(headers)}\r\n");

            Assert.Equal((separator, 200), (separator, answer.Status));
            AssertClean(separator, session);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nor_in_the_handshake_of_a_websocket(string kind)
    {
        var (gateway, path) = system.Of(kind);
        var session = await SignInAsync(gateway, kind);
        foreach (var separator in Separators)
        {
            string[] headers =
            [
                $"Host: {Host(kind, gateway)}",
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                $"Cookie: {Cookie(session)}", .. Forged(separator), "X~Other: kept",
            ];

            var answer = await RawHttp.HeadAsync(gateway.Url, $"GET {path} HTTP/1.1\r\n{Lines(headers)}\r\n");

            Assert.Equal((separator, 101), (separator, answer.Status));
            AssertClean(separator, session);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nor_over_http2(string kind)
    {
        var (gateway, path) = system.Of(kind, http2: true);
        var session = await SignInAsync(gateway, kind);
        foreach (var separator in Separators)
        {
            var forged = Forged(separator).Select(line => (line.Split(':')[0].ToLowerInvariant(), "forged"));
            (string, string)[] head =
            [
                (":method", "GET"), (":scheme", "http"), (":authority", Host(kind, gateway)), (":path", path),
                ("cookie", Cookie(session)), .. forged, ("x~other", "kept"),
            ];

            var status = await RawHttp2.SendAsync(gateway.Url, head);

            Assert.Equal((separator, 200), (separator, status));
            AssertClean(separator, session);
        }
    }

    /// <summary>One character becomes one: <c>X--User-Id</c> is <c>HTTP_X__USER_ID</c>, another variable, and passes.</summary>
    [Theory]
    [InlineData("X--User-Id")]
    [InlineData("X~~User~Id")]
    [InlineData("-X-User-Id")]
    [InlineData("X-User-Id-")]
    [InlineData("X-User-Id~")]
    [InlineData("XUser-Id")]
    [InlineData("X~Session~Token~")]
    public async Task A_name_with_more_or_fewer_separators_is_another_name(string name)
    {
        var session = await SignInAsync(system.Http1, "signed");
        foreach (var kind in (string[])["plain", "transformed", "signed", "signed-transformed"])
        {
            var (gateway, path) = system.Of(kind);

            await RawHttp.RequestAsync(gateway.Url, path, "GET", $"Cookie: {Cookie(session)}", $"{name}: other");

            var received = Assert.Single(system.Take());
            Assert.Equal("other", received.Header(name));
            Assert.NotEqual("other", received.Header("X-User-Id"));
        }
    }

    [Theory]
    [InlineData("X-Hop", "X~Hop")]
    [InlineData("X~Hop", "X-Hop")]
    [InlineData("x^hop", "X|Hop")]
    public async Task What_the_client_ties_to_its_connection_ends_with_it_in_every_spelling(string named, string sent)
    {
        foreach (var kind in (string[])["plain", "transformed", "auth"])
        {
            var (gateway, path) = system.Of(kind);

            await RawHttp.RequestAsync(gateway.Url, path, "GET", $"Connection: keep-alive, {named}", $"{sent}: 1", "X-Stays: 2");

            var received = Assert.Single(system.Take());
            Assert.Null(received.Header(sent));
            Assert.Equal("2", received.Header("X-Stays"));
        }
    }

    private static IEnumerable<string> Forged(char separator) =>
        Names.Concat(separator is '-' ? [] : NamesWithMeaning).Select(name => $"{name.Replace('-', separator)}: forged");

    private static string Host(string kind, TestSystem gateway) => kind is "host" ? "shop.test" : gateway.Url.Authority;

    private static string Lines(IEnumerable<string> headers) => string.Concat(headers.Select(header => header + "\r\n"));

    private static string Cookie(DevSession? session) => session is null ? "a=b" : $"a=b; {session.CookieHeader}";

    /// <summary>A session where the route asks for one.</summary>
    private static async Task<DevSession?> SignInAsync(TestSystem gateway, string kind) =>
        kind is "orders" or "signed" or "signed-transformed" ? await gateway.Kratos.SignInNewAsync() : null;

    private void AssertClean(char separator, DevSession? session)
    {
        var received = Assert.Single(system.Take());
        var forged = received.Headers.Where(h => h.Value.Contains("forged", StringComparison.Ordinal)).Select(h => h.Key);
        Assert.Equal((separator, ""), (separator, string.Join(' ', forged)));
        Assert.Equal("kept", received.Header("X~Other"));
        Assert.Equal(session?.IdentityId.ToString(), received.Header("X-User-Id"));
    }
}
