using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Where a request came from is what the gateway saw, and a proxy's word only where it is trusted.</summary>
public sealed class ClientAddressTests
{
    [Fact]
    public async Task A_service_is_told_where_the_request_came_from_by_the_gateway_alone()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync(
            "/public/x", "Host: app.example:8443", "X-Forwarded-For: 9.9.9.9", "X-Forwarded-Proto: https",
            "X-Forwarded-Host: evil", "Forwarded: for=9.9.9.9", "X-Request-Id: forged");

        var received = system.Service.Only;
        Assert.Equal("127.0.0.1", received.Header("X-Forwarded-For"));
        Assert.Equal("http", received.Header("X-Forwarded-Proto"));
        Assert.Equal("app.example:8443", received.Header("X-Forwarded-Host"));
        Assert.Equal(system.Service.Url.Authority, received.Header("Host"));
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), received.Header("X-Request-Id"));
        Assert.NotEqual("forged", received.Header("X-Request-Id"));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7, 10.1.2.3", "203.0.113.7")]
    // What the client claimed before the first trusted proxy is not believed.
    [InlineData("9.9.9.9, 203.0.113.7, 10.1.2.3", "203.0.113.7")]
    [InlineData("[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("garbage", "127.0.0.1")]
    public async Task A_trusted_proxys_word_is_believed_up_to_the_first_stranger(string chain, string client)
    {
        await using var system = await TestSystem.StartAsync([
            "--Network:TrustedProxies:0=127.0.0.1", "--Network:TrustedProxies:1=10.0.0.0/8",
        ]);

        await system.GetAsync(
            "/public/x", $"X-Forwarded-For: {chain}", "X-Forwarded-Proto: https", "X-Forwarded-Host: app.example",
            "X-Real-IP: 9.9.9.9");

        var received = system.Service.Only;
        Assert.Equal(client, received.Header("X-Forwarded-For"));
        Assert.DoesNotContain(received.Headers, h =>
            h.Key.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase) || h.Key is "X-Real-IP");
        if (client != "127.0.0.1")
            Assert.Equal(("https", "app.example"), (received.Header("X-Forwarded-Proto"), received.Header("X-Forwarded-Host")));
    }

    /// <summary>X-Forwarded-Proto; what the service hears, or null: 400.</summary>
    [Theory]
    [InlineData("https", "https")]
    [InlineData("HTTPS", "https")]
    [InlineData("http", "http")]
    [InlineData("wss", "https")] // Traefik's word for a WebSocket's handshake
    [InlineData("ws", "http")]
    [InlineData("http, https", "https")]
    [InlineData("javascript", null)]
    [InlineData("data", null)]
    [InlineData("file", null)]
    [InlineData("httpx", null)]
    [InlineData("https:", null)]
    [InlineData("javascript, https", null)]
    [InlineData("https, javascript", null)]
    public async Task A_scheme_is_http_or_https(string proto, string? heard)
    {
        await using var system = await TestSystem.StartAsync(["--Network:TrustedProxies:0=127.0.0.1"]);
        foreach (var chain in (string[])["X-Forwarded-For: 203.0.113.7", "X-Other: none"])
        {
            using var refused = await system.GetAsync("/private/x", chain, $"X-Forwarded-Proto: {proto}");
            var told = await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(heard is null ? 400 : 401, (int)refused.StatusCode);
            if (heard is null) continue;
            Assert.Contains($"\"redirect_browser_to\":\"{heard}://", told, StringComparison.Ordinal);
            var got = await system.ForwardedAsync("/public/x", chain, $"X-Forwarded-Proto: {proto}");
            Assert.Equal(heard, got.Header("X-Forwarded-Proto"));
        }
    }

    /// <summary>X-Forwarded-For, X-Forwarded-Host; the host that counts.</summary>
    [Theory]
    [InlineData(null, "app.example", "app.example")]
    [InlineData(null, "evil.example, app.example", "app.example")]
    [InlineData(null, "worse.example, evil.example, app.example", "app.example")]
    [InlineData("10.0.0.9", "evil.example, app.example", "app.example")] // the chain ends at a trusted proxy
    [InlineData("203.0.113.7", "evil.example, app.example", "app.example")]
    [InlineData("203.0.113.7, 10.0.0.9", "app.example, inner.example", "app.example")]
    [InlineData("203.0.113.7, 10.0.0.9", "evil.example, app.example, inner.example", "app.example")]
    [InlineData("203.0.113.7, 10.0.0.9", "app.example", "app.example")]
    public async Task A_host_counts_that_a_hop_vouches_for(string? chain, string hosts, string counts)
    {
        await using var system = await TestSystem.StartAsync([
            "--Network:TrustedProxies:0=127.0.0.1", "--Network:TrustedProxies:1=10.0.0.0/8",
        ]);
        string[] headers = [$"X-Forwarded-Host: {hosts}", "X-Forwarded-Proto: https, http"];
        if (chain is not null)
            headers = [.. headers, $"X-Forwarded-For: {chain}"];

        var got = await system.ForwardedAsync("/public/x", headers);

        Assert.Equal(counts, got.Header("X-Forwarded-Host"));
    }

    [Fact]
    public async Task A_proxy_that_is_not_trusted_is_not_believed()
    {
        await using var system = await TestSystem.StartAsync(["--Network:TrustedProxies:0=10.0.0.0/8"]);

        await system.GetAsync(
            "/public/x", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: app.example");

        var received = system.Service.Only;
        Assert.Equal(
            ("127.0.0.1", "http", system.Url.Authority),
            (received.Header("X-Forwarded-For"), received.Header("X-Forwarded-Proto"), received.Header("X-Forwarded-Host")));
    }

    [Fact]
    public async Task The_frameworks_switch_for_forwarded_headers_does_not_make_everybody_a_trusted_proxy()
    {
        await using var system = await TestSystem.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(system);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/x");
        request.Headers.Add("X-Forwarded-For", "6.6.6.6");

        await gateway.Client.SendAsync(request);

        Assert.Equal("127.0.0.1", system.Service.Only.Header("X-Forwarded-For"));
    }
}
