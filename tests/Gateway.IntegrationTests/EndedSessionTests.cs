using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using DevKratos;
using Gateway.IntegrationTests.Harness;
using Gateway.Sessions.Revocations;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.IntegrationTests;

/// <summary>What ends or changes a session at Kratos counts here before its answer arrives.</summary>
public sealed class EndedSessionTests
{
    private const string Json = "Accept: application/json";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_browser_logout_counts_before_its_answer_arrives(bool json)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        var start = await TestSystem.JsonAsync(
            await system.GetAsync("/kratos/self-service/logout/browser", Json, $"Cookie: {session.CookieHeader}"));

        var logout = await system.GetAsync(
            $"/kratos/self-service/logout?token={start.GetProperty("logout_token").GetString()}",
            $"Cookie: {session.CookieHeader}",
            json ? Json : "Accept: text/html");

        Assert.Equal(json ? HttpStatusCode.NoContent : HttpStatusCode.SeeOther, logout.StatusCode);
        Assert.Contains(logout.Headers.GetValues("Set-Cookie"), c =>
            c.StartsWith("ory_kratos_session=", StringComparison.Ordinal)
            && c.Contains("Max-Age=0", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json")]
    public async Task A_wrong_logout_token_signs_nobody_out(string accept)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        await system.GetAsync(
            "/kratos/self-service/logout?token=ory_lo_wrong",
            $"Cookie: {session.CookieHeader}",
            $"Accept: {accept}");

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    /// <summary>Else anybody could keep all replicas busy with what concerns none of them.</summary>
    [Theory]
    [InlineData("Cookie: ory_kratos_session=invented", "Accept: text/html")]
    [InlineData("Cookie: ory_kratos_session=invented", Json)]
    [InlineData("X-Session-Token: ory_st_invented", "Accept: text/html")]
    public async Task A_logout_with_an_invented_credential_is_no_news_for_other_replicas(string credential, string accept)
    {
        await using var system = await TestSystem.StartAsync();
        var published = new ConcurrentQueue<Revocation>();
        system.Gateway.Services.GetRequiredService<SessionRevocations>().Revoked += published.Enqueue;

        await system.GetAsync("/kratos/self-service/logout?token=ory_lo_invented", credential, accept);
        await system.GetAsync("/kratos/self-service/logout", credential, accept);
        await system.SendAsync(HttpMethod.Post, "/kratos/self-service/login?flow=x", credential, accept);
        await system.SendAsync(
            HttpMethod.Delete,
            "/kratos/self-service/logout/api",
            JsonContent.Create(new { session_token = "ory_st_invented" }));

        Assert.Empty(published);
    }

    [Fact]
    public async Task An_api_logout_counts_before_its_answer_arrives()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}");
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        var logout = await system.SendAsync(
            HttpMethod.Delete,
            "/kratos/self-service/logout/api",
            JsonContent.Create(new { session_token = session.Token }));

        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        Assert.Equal(0, system.Cache.Count);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Authorization: Bearer {session.Token}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"session_token\":5}")]
    [InlineData("{\"session_token\":\"\"}")]
    public async Task A_malformed_api_logout_reaches_Kratos_as_it_is(string body)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.SendAsync(HttpMethod.Delete, "/kratos/self-service/logout/api", new StringContent(body));

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Fact]
    public async Task Ending_the_other_sessions_leaves_only_the_callers_own()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var (own, other, third) = (
            system.Kratos.SignIn(person.Id),
            system.Kratos.SignIn(person.Id),
            system.Kratos.SignIn(person.Id));
        var stranger = await system.Kratos.SignInNewAsync();
        foreach (var session in (DevSession[])[own, other, third, stranger])
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(
            HttpStatusCode.OK,
            (await system.SendAsync(HttpMethod.Delete, "/kratos/sessions", $"Cookie: {own.CookieHeader}")).StatusCode);

        system.Kratos.Faults.ResetCounters();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {stranger.CookieHeader}")).StatusCode);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {own.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {third.CookieHeader}")).StatusCode);
    }

    [Theory]
    [InlineData("D")]
    [InlineData("N")]
    [InlineData("upper")]
    public async Task Ending_one_session_counts_in_every_spelling_of_its_id_that_Kratos_takes(string format)
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var (own, other) = (system.Kratos.SignIn(person.Id), system.Kratos.SignIn(person.Id));
        foreach (var session in (DevSession[])[own, other])
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        var id = format is "upper" ? other.SessionId.ToString().ToUpperInvariant() : other.SessionId.ToString(format);

        var answer = await system.SendAsync(HttpMethod.Delete, $"/kratos/sessions/{id}", $"Cookie: {own.CookieHeader}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {own.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task A_refused_revocation_ends_nothing()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Kratos.Faults.ResetCounters();

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.SendAsync(HttpMethod.Delete, $"/kratos/sessions/{session.SessionId}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.SendAsync(HttpMethod.Delete, "/kratos/sessions")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_step_up_counts_at_once()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var secret = system.Kratos.EnrolTotp(person.Id);
        var session = system.Kratos.SignIn(person.Id);
        var token = $"X-Session-Token: {session.Token}";
        Assert.Equal(HttpStatusCode.Forbidden, (await system.GetAsync("/aal2/x", token)).StatusCode);
        var flow = await TestSystem.JsonAsync(await system.GetAsync("/kratos/self-service/login/api?aal=aal2", token));

        var done = await system.SendAsync(
            HttpMethod.Post, Browser.Local(flow),
            JsonContent.Create(new { method = "totp", totp_code = system.Kratos.TotpCode(secret) }), token);

        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        system.Kratos.Faults.ResetCounters();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/aal2/x", token)).StatusCode);
        Assert.Equal("aal2", system.Service.Only.Header("X-Session-Aal"));
        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_changed_password_ends_the_other_sessions_and_changed_traits_are_seen_at_once()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync("anna@example.net");
        var (own, other) = (system.Kratos.SignIn(person.Id), system.Kratos.SignIn(person.Id));
        var token = $"X-Session-Token: {own.Token}";
        await system.GetAsync("/private/x", token);
        await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}");
        Assert.Equal(HttpStatusCode.Forbidden, (await system.GetAsync("/staff/x", token)).StatusCode);

        var flow = await TestSystem.JsonAsync(await system.GetAsync("/kratos/self-service/settings/api", token));
        var traits = await system.SendAsync(
            HttpMethod.Post, Browser.Local(flow),
            JsonContent.Create(new { method = "profile", traits = new { email = "anna@example.org" } }), token);
        var staff = await system.GetAsync("/staff/x", token);
        flow = await TestSystem.JsonAsync(await system.GetAsync("/kratos/self-service/settings/api", token));
        var password = await system.SendAsync(
            HttpMethod.Post, Browser.Local(flow),
            JsonContent.Create(new { method = "password", password = "another-horse-battery-7319" }), token);

        Assert.Equal(HttpStatusCode.OK, traits.StatusCode);
        Assert.Equal(HttpStatusCode.OK, staff.StatusCode);
        Assert.Equal(HttpStatusCode.OK, password.StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", token)).StatusCode);
    }

    [Fact]
    public async Task A_verdict_from_before_the_revocation_never_brings_the_session_back()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.Hang = true;
        var slow = system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await TestSystem.UntilAsync(() => Task.FromResult(system.Kratos.Faults.WhoamiCalls == 1));

        await system.ManageAsync($"/sessions/{session.SessionId}", HttpMethod.Delete);
        system.Kratos.Faults.Hang = false;
        await slow;

        Assert.Equal(2, system.Kratos.Faults.WhoamiCalls); // what was asked before is asked again
        system.Kratos.RevokeSession(session.SessionId);
        await system.ManageAsync($"/sessions/{session.SessionId}", HttpMethod.Delete);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }
}
