using System.Net;
using Gateway.IntegrationTests.Harness;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;

namespace Gateway.IntegrationTests;

/// <summary>DevKratos has no recovery, so a script stands in for a Kratos with the hook <c>revoke_active_sessions</c>.</summary>
public sealed class RecoveryTests
{
    private const string Old = "ory_st_old";
    private const string New = "ory_st_new";

    private static readonly string OldSession =
        ScriptedKratos.Session.Replace(
            ScriptedKratos.SessionId,
            "22222222-0000-0000-0000-000000000000",
            StringComparison.Ordinal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_recovery_ends_the_persons_cached_sessions_at_once(bool browser)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Old, ScriptedKratos.Json(OldSession));
        kratos.Say(New, ScriptedKratos.Json(ScriptedKratos.Session));
        kratos.Server
            .Given(ScriptedKratos.Whoami().WithHeader("Cookie", $"ory_kratos_session={New}"))
            .RespondWith(ScriptedKratos.Json(ScriptedKratos.Session));
        kratos.Server
            .Given(Request.Create().WithPath("/self-service/recovery").UsingPost())
            .RespondWith(browser
                ? Response.Create().WithHeader("Set-Cookie", $"ory_kratos_session={New}; Path=/")
                : ScriptedKratos.Json($$"""
                    {"state":"passed_challenge","continue_with":[{"action":"set_ory_session_token","ory_session_token":"{{New}}"}]}
                    """));
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Url}"]);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"X-Session-Token: {Old}")).StatusCode);

        kratos.Say(Old, ScriptedKratos.Json("{}", 401));
        var answer = await system.SendAsync(
            HttpMethod.Post,
            "/kratos/self-service/recovery?flow=x",
            new StringContent("{}", null, "application/json"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        if (!browser)
            Assert.Contains(New, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/private/x", $"X-Session-Token: {Old}")).StatusCode);
    }
}
