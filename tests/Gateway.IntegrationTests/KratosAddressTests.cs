using System.Net;
using Gateway.IntegrationTests.Harness;
using static Gateway.IntegrationTests.Harness.KratosAddress;

namespace Gateway.IntegrationTests;

/// <summary>Nothing is published and nobody is let in unless <c>Kratos:PublicUrl</c> is Kratos' public API.</summary>
public sealed class KratosAddressTests
{
    private const string Session = """
        {"id":"11111111-0000-0000-0000-000000000000","active":true,"expires_at":"2126-01-01T00:00:00Z",
         "authenticator_assurance_level":"aal1",
         "identity":{"id":"33333333-0000-0000-0000-000000000000","traits":{"email":"a@example.org"}}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_admin_port_gives_away_nobodys_sessions_and_ends_none()
    {
        await using var kratos = await StartKratosAsync();
        var session = await kratos.SignInNewAsync("ann@example.org");
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.AdminUrl}"]);

        var list = await system.GetAsync("/kratos/sessions?expand=identity");
        Assert.DoesNotContain("ann@example.org", await list.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await AssertUnavailableAsync(list);
        await AssertUnavailableAsync(await system.SendAsync(HttpMethod.Delete, $"/kratos/sessions/{session.SessionId}"));
        await AssertUnavailableAsync(await system.SendAsync(HttpMethod.Patch, $"/kratos/sessions/{session.SessionId}/extend"));

        Assert.True(await IsActiveAsync(kratos, session));
        await AssertUnavailableAsync(await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}"));
        var (ready, text) = await ReadyAsync(system);
        Assert.False(ready);
        Assert.Contains("Kratos:PublicUrl answers as Kratos' admin API does (307", text, StringComparison.Ordinal);
        Assert.Contains("set it to Kratos' public API (port 4433)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/sessions")]
    [InlineData("HEAD", "/sessions")]
    [InlineData("DELETE", "/sessions")]
    [InlineData("GET", "/sessions/whoami")]
    [InlineData("DELETE", "/sessions/11111111-0000-0000-0000-000000000000")]
    [InlineData("PATCH", "/sessions/11111111-0000-0000-0000-000000000000/extend")]
    [InlineData("GET", "/self-service/login/browser")]
    [InlineData("POST", "/self-service/login")]
    [InlineData("GET", "/self-service/logout?token=x")]
    [InlineData("DELETE", "/self-service/logout/api")]
    [InlineData("POST", "/self-service/recovery")]
    [InlineData("GET", "/schemas/default")]
    [InlineData("GET", "/.well-known/ory/webauthn.js")]
    [InlineData("GET", "/health/ready")]
    [InlineData("OPTIONS", "/sessions")]
    public async Task No_kind_of_call_reaches_a_wrong_address(string method, string path)
    {
        await using var stranger = await Stranger.StartAsync(307);
        string[] address = [$"--Kratos:PublicUrl={stranger.Url}"];
        await using var system = await TestSystem.StartAsync(address);
        await using var http2 = await TestSystem.StartAsync(["--Kestrel:EndpointDefaults:Protocols=Http2", .. address]);

        var target = "/kratos" + path;
        var answer = await RawHttp.RequestAsync(system.Url, target, method, "X-Session-Token: ory_st_x", "Content-Length: 0");
        Assert.Equal(503, answer.Status);
        Assert.Contains("Retry-After: ", answer.Text, StringComparison.Ordinal);
        var upgrade = await RawHttp.SendAsync(system.Url, $"GET {target} HTTP/1.1\r\nHost: {system.Url.Authority}\r\n"
            + "Connection: Upgrade, close\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        Assert.Equal(503, upgrade.Status);
        (string, string)[] headers =
            [(":method", method), (":scheme", "http"), (":authority", http2.Url.Authority), (":path", target)];
        Assert.Equal(503, await RawHttp2.SendAsync(http2.Url, headers));

        Assert.Empty(stranger.Others);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    public async Task A_service_that_answers_everything_alike_is_named_as_a_wrong_address_and_gets_nothing(int status)
    {
        await using var stranger = await Stranger.StartAsync(status, ready: status);
        using var log = new CapturedLog();
        await using var system = await StartAsync(stranger.Url, log);

        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        var (ready, text) = await ReadyAsync(system);

        Assert.Empty(stranger.Others);
        Assert.False(ready);
        Assert.Contains("Kratos:PublicUrl", text, StringComparison.Ordinal);
        Assert.Contains($"{status}", text, StringComparison.Ordinal);
        Assert.Contains("set it to Kratos' public API (port 4433)", text, StringComparison.Ordinal);
        var line = Assert.Single(log.Text.Split('\n'), l => l.Contains("Kratos:PublicUrl", StringComparison.Ordinal));
        Assert.StartsWith("Error ", line, StringComparison.Ordinal);
        Assert.Contains("port 4433", line, StringComparison.Ordinal);
        Assert.DoesNotContain($":{stranger.Url.Port}", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readiness_names_a_wrong_address_also_when_nothing_is_published()
    {
        await using var stranger = await Stranger.StartAsync(307);
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={stranger.Url}", "--Kratos:Path="]);

        var (ready, text) = await ReadyAsync(system);

        Assert.False(ready);
        Assert.Contains("set it to Kratos' public API (port 4433)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(429)]
    public async Task Nobody_is_let_in_by_an_address_that_signs_in_everybody(int withoutCredential)
    {
        await using var stranger = await Stranger.StartAsync(withoutCredential);
        stranger.Body = Session;
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={stranger.Url}"]);

        var required = await system.GetAsync("/private/x", "Cookie: ory_kratos_session=garbage");
        var optional = await system.GetAsync("/optional/x", "X-Session-Token: ory_st_garbage");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, required.StatusCode);
        Assert.Equal(HttpStatusCode.OK, optional.StatusCode);
        Assert.Null(system.Service.Only.Header("X-User-Id"));
    }
}
