using System.Net;
using System.Text;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// Credentials that Kratos never issued must not reach into the gateway's own calls to Kratos, nor shut others out.
/// </summary>
public sealed class HostileCredentialTests
{
    [Theory]
    [InlineData("""x\r\nX-Injected: 1""")]
    [InlineData("""x\nX-Injected: 1""")]
    [InlineData("""x\r\n\r\nGET /sessions/whoami HTTP/1.1\r\nHost: x\r\nX-Injected: 1""")]
    public async Task A_line_break_in_a_logout_token_writes_no_header_to_Kratos(string token)
    {
        await using var system = await TestSystem.StartAsync();

        await LogOutAsync(system, token);

        Assert.False(system.Kratos.Faults.LastWhoamiHeaders?.ContainsKey("X-Injected") ?? false);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Theory]
    [InlineData("""x\ud800""")]
    [InlineData("""x\u0000""")]
    public async Task An_unusable_logout_token_is_for_Kratos_to_refuse(string token)
    {
        await using var system = await TestSystem.StartAsync();

        Assert.NotEqual(HttpStatusCode.InternalServerError, (await LogOutAsync(system, token)).StatusCode);
    }

    [Fact]
    public async Task A_cookie_with_a_control_character_is_no_session_and_Kratos_is_not_asked()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await RawHttp.RequestAsync(system.Url, "/private/x", "GET", "Cookie: ory_kratos_session=a\u0001b");

        Assert.Equal(401, answer.Status);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(431)]
    public async Task Requests_that_Kratos_finds_malformed_shut_nobody_else_out(int status)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.WhoamiStatusOverride = status;
        for (var i = 0; i < 20; i++)
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await system.GetAsync("/private/x", $"Cookie: ory_kratos_session=odd{i}")).StatusCode);
        system.Kratos.Faults.WhoamiStatusOverride = null;

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    private static Task<HttpResponseMessage> LogOutAsync(TestSystem system, string tokenJson) =>
        system.SendAsync(
            HttpMethod.Delete,
            "/kratos/self-service/logout/api",
            new StringContent($$"""{"session_token":"{{tokenJson}}"}""", Encoding.UTF8, "application/json"));
}
