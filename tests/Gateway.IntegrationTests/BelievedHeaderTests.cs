using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// What services behind other gateways believe of a caller, no client says: on every kind of route, over every protocol, in every
/// spelling. Names as their makers document them.
/// </summary>
public sealed class BelievedHeaderTests(RouteKinds system) : IClassFixture<RouteKinds>
{
    private static readonly string[] Names =
    [
        "X-Consumer-ID", "X-Consumer-Custom-ID", "X-Consumer-Username", "X-Credential-Identifier", "X-Anonymous-Consumer",
        "X-Authenticated-Userid", "X-Authenticated-Scope", "X-Authenticated-Groups", "X-Userinfo", "X-User", "X-User-Name",
        "X-Username", "X-User-Groups", "X-User-Roles", "X-Email", "X-Groups", "X-Auth-Request-User",
        "X-Auth-Request-Access-Token", "X-Auth-User", "X-Auth-Username", "X-Auth-Userid",
        "X-Auth-Email", "X-Auth-Groups", "X-Auth-Roles", "X-Auth-Subject",
        "Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email", "Remote-Addr", "X-Remote-User", "X-Remote-Group",
        "X-Remote-Extra-Scopes", "X-WEBAUTH-USER", "X-authentik-username", "X-Pomerium-Jwt-Assertion", "X-Pomerium-Claim-Email",
        "Tailscale-User-Login", "iv-user", "SM_USER", "SM_USERDN", "Shib-Identity-Provider", "OIDC_CLAIM_email",
        "Mellon-Name", "X-JWT-Assertion", "X-Goog-Authenticated-User-Email", "X-Goog-IAP-JWT-Assertion",
        "X-Endpoint-API-UserInfo", "X-Apigateway-Api-Userinfo", "X-MS-CLIENT-PRINCIPAL", "X-MS-CLIENT-PRINCIPAL-NAME",
        "X-MS-TOKEN-AAD-ID-TOKEN", "X-Amzn-Oidc-Identity", "X-Amzn-Mtls-Clientcert", "Cf-Access-Authenticated-User-Email",
        "Cf-Access-Jwt-Assertion", "X-SSL-Client-Verify", "X-SSL-Client-S-DN", "X-SSL-Cert", "ssl-client-cert",
        "ssl-client-subject-dn", "X-TLS-Client-Subject", "X-Client-Cert", "X-Client-Certificate", "X-Client-DN", "X-Client-S-DN",
        "X-Client-Verify", "Client-Cert", "Client-Cert-Chain", "X-ARR-ClientCert", "WL-Proxy-Client-Cert", "WL-Proxy-SSL",
        "X-HTTP-Host-Override", "X-Host", "X-Host-Override", "X-Scheme", "X-URL-Scheme", "Front-End-Https", "Proxy-Client-IP",
        "X-Originating-IP", "X-ProxyUser-IP", "Proxy", "X-Sendfile-Type", "X-Accel-Mapping", "X-Middleware-Subrequest",
    ];

    /// <summary>Much like the above, and an ordinary client's.</summary>
    private static readonly string[] Others =
    [
        "X-User-Agent", "X-Consumer", "X-Authenticate", "Remote", "X-Auth-Token", "X-Api-Key", "X-Access-Token", "Referer",
        "Sec-Fetch-Mode", "Cache-Control", "X-Hosts", "X-Usernames", "Proximity", "X-SSLx", "Traceparent", "X-Requested-With",
        "X-Emails", "Client-Hint", "Origin",
    ];

    public static TheoryData<string> Kinds => new(
        "plain", "transformed", "prefixed", "host", "orders-preflight", "h2c", "h2c-transformed", "tls", "tls-transformed",
        "tls-http2", "kratos", "auth");

    /// <summary>Kestrel takes 100 headers: each spelling of each half of the names.</summary>
    private static IEnumerable<(string Separator, string[] Names)> Spellings =>
        from separator in (string[])["-", "_", ".", "~"]
        from half in Names.Chunk(Names.Length / 2 + 1)
        select (separator, half.Select(name => name.Replace("-", separator, StringComparison.Ordinal)).ToArray());

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_client_says_what_services_believe_of_other_gateways(string kind)
    {
        var (gateway, path) = Of(kind, http2: false);
        foreach (var (separator, names) in Spellings)
        {
            var answer = await RawHttp.SendAsync(
                gateway.Url,
                $"{Method(kind)} {path} HTTP/1.1\r\nHost: {Host(kind, gateway)}\r\nConnection: close\r\n{Lines(names)}\r\n");

            Assert.Equal((separator, 200), (separator, answer.Status));
            AssertClean(separator);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nor_in_the_handshake_of_a_websocket(string kind)
    {
        if (kind is "orders-preflight") return; // not for GET
        var (gateway, path) = Of(kind, http2: false);
        foreach (var (separator, names) in Spellings)
        {
            var answer = await RawHttp.HeadAsync(
                gateway.Url,
                $"GET {path} HTTP/1.1\r\nHost: {Host(kind, gateway)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + $"{Lines(names)}\r\n");

            Assert.Equal((separator, 101), (separator, answer.Status));
            AssertClean(separator);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nor_over_http2(string kind)
    {
        var (gateway, path) = Of(kind, http2: true);
        foreach (var (separator, names) in Spellings)
        {
            var headers = names.Select(name => (name.ToLowerInvariant(), "forged"))
                .Concat(Others.Select(name => (name.ToLowerInvariant(), "kept")));

            var status = await RawHttp2.SendAsync(
                gateway.Url,
                [
                    (":method", Method(kind)), (":scheme", "http"), (":authority", Host(kind, gateway)), (":path", path),
                    .. headers,
                ]);

            Assert.Equal((separator, 200), (separator, status));
            AssertClean(separator);
        }
    }

    private (TestSystem Gateway, string Path) Of(string kind, bool http2) =>
        kind is "orders-preflight" ? (system.Of("plain", http2).Gateway, "/orders/1") : system.Of(kind, http2);

    private static string Method(string kind) => kind is "orders-preflight" ? "OPTIONS" : "GET";

    private static string Host(string kind, TestSystem gateway) => kind is "host" ? "shop.test" : gateway.Url.Authority;

    private static string Lines(string[] names) =>
        string.Concat(names.Select(name => $"{name}: forged\r\n").Concat(Others.Select(name => $"{name}: kept\r\n")));

    private void AssertClean(string separator)
    {
        var received = Assert.Single(system.Take());
        var forged = received.Headers.Where(h => h.Value.Contains("forged", StringComparison.Ordinal)).Select(h => h.Key);
        Assert.Equal((separator, ""), (separator, string.Join(' ', forged)));
        Assert.All(Others, name => Assert.Equal((name, "kept"), (name, received.Header(name))));
    }
}
