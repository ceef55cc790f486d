using System.Net;
using System.Text.Json.Nodes;
using DevKratos.ContractTests.Support;
using DevKratos.Core;

namespace DevKratos.ContractTests;

/// <summary>What tests of the gateway rely on: hosting in the process, short cuts, faults and counters.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private KratosTarget _target = null!;

    private DevKratosServer Server => _target.Server!;

    public async ValueTask InitializeAsync()
    {
        KratosTarget.SkipAgainstRealKratos("about DevKratos itself");
        _target = await KratosTarget.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_target is not null)
            await _target.DisposeAsync();
    }

    [Fact]
    public async Task It_does_not_start_in_production()
    {
        var options = new DevKratosOptions { PublicPort = 0, AdminPort = 0, UiPort = 0, Environment = "production" };

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => DevKratosServer.StartAsync(
            options, TestContext.Current.CancellationToken));

        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public async Task A_session_made_by_short_cut_is_as_good_as_any()
    {
        var session = await Server.SignInNewAsync(aal2: true, verified: true);
        var (browser, app) = (new Client(_target), new Client(_target) { SessionToken = session.Token });
        browser.Cookies["ory_kratos_session"] = session.Cookie;

        var byCookie = (await browser.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json;
        var byToken = (await app.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json;

        Assert.Equal(session.SessionId.ToString(), byCookie.Id());
        Assert.Equal(session.SessionId.ToString(), byToken.Id());
        Assert.Equal("aal2", byToken.GetProperty("authenticator_assurance_level").GetString());
        Assert.True(byToken.GetProperty("identity").GetProperty("verifiable_addresses")[0].GetProperty("verified").GetBoolean());
        Server.ExpireSession(session.SessionId);
        (await app.GetAsync("sessions/whoami")).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Metadata_for_the_public_is_seen_and_that_for_administrators_is_not()
    {
        var session = await Server.SignInNewAsync();
        Server.SetMetadata(session.IdentityId, new JsonObject { ["plan"] = "gold" }, new JsonObject { ["note"] = "secret" });

        var answer = (await new Client(_target)
        {
            SessionToken = session.Token
        }.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK);

        Assert.Equal("gold", answer.Json.GetProperty("identity").GetProperty("metadata_public").GetProperty("plan").GetString());
        Assert.DoesNotContain("metadata_admin", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_base_address_can_be_told_after_the_start()
    {
        Server.PublicBaseUrl = new Uri("http://127.0.0.1:18000/kratos");
        Server.UiBaseUrl = new Uri("http://127.0.0.1:18000/auth");

        var flow = await new Client(_target).BeginAsync("login/browser");
        var redirect = await new Client(_target).GetAsync("self-service/login/browser", "text/html");

        Assert.StartsWith(
            "http://127.0.0.1:18000/kratos/self-service/login?flow=",
            flow.GetProperty("ui").GetProperty("action").GetString()!,
            StringComparison.Ordinal);
        Assert.StartsWith("http://127.0.0.1:18000/auth/login?flow=", redirect.Location!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoami_is_counted_and_its_last_request_kept()
    {
        var client = new Client(_target) { SessionToken = "ory_st_nobody" };
        await client.GetAsync("sessions/whoami");
        await client.GetAsync("health/ready");

        Assert.Equal((1, 1), (Server.Faults.WhoamiCalls, Server.Faults.ReadyCalls));
        Assert.Equal("ory_st_nobody", Server.Faults.LastWhoamiHeaders!["x-session-token"]);
        Assert.Equal("GET /sessions/whoami", Server.Faults.LastWhoamiRequest);
        Server.Faults.ResetCounters();
        Assert.Equal(0, Server.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_hanging_whoami_answers_when_released()
    {
        var session = await Server.SignInNewAsync();
        Server.Faults.Hang = true;
        var answer = new Client(_target) { SessionToken = session.Token }.GetAsync("sessions/whoami");
        while (Server.Faults.WhoamiCalls == 0)
            await Task.Yield();
        Assert.False(answer.IsCompleted);

        Server.Faults.Hang = false;

        (await answer).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whoami_answers_with_the_status_a_test_asks_for()
    {
        var session = await Server.SignInNewAsync();
        Server.Faults.WhoamiStatusOverride = 429;

        (await new Client(_target)
        {
            SessionToken = session.Token
        }.GetAsync("sessions/whoami")).Expect(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("//sessions/whoami", 307)]
    [InlineData("/sessions/whoami/", 404)]
    [InlineData("/Sessions/whoami", 404)]
    [InlineData("/%61dmin/identities", 307)]
    public async Task Paths_are_taken_as_exactly_as_by_kratos(string path, int status)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(
                _target.PublicUrl.GetLeftPart(UriPartial.Authority) + path,
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var answer = await _target.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Many_people_at_once_each_get_their_own_session()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            var (client, email) = (new Client(_target), Flows.NewEmail());
            await client.RegisterAsync(email);
            await client.LoginApiAsync(email);
            var whoami = (await client.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json;
            return (email, whoami.GetProperty("identity").GetProperty("traits").GetProperty("email").GetString());
        }));

        Assert.All(people, p => Assert.Equal(p.email, p.Item2));
    }
}
