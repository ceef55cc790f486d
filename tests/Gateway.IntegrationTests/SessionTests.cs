using System.Net;
using DevKratos;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

public sealed class SessionTests
{
    [Fact]
    public async Task A_cookie_a_session_token_and_a_bearer_token_all_sign_in()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await system.GetAsync("/private/x", $"Authorization: Bearer {session.Token}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await system.GetAsync("/private/x", $"Authorization: bearer {session.Token}")).StatusCode);
        Assert.All(system.Service.Received, r => Assert.Equal(session.IdentityId.ToString(), r.Header("X-User-Id")));
    }

    [Fact]
    public async Task A_bearer_token_that_is_not_Kratos_belongs_to_the_service_and_signs_nobody_in()
    {
        await using var system = await TestSystem.StartAsync();

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", "Authorization: Bearer eyJ.e30.x")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/public/x", "Authorization: Bearer eyJ.e30.x")).StatusCode);
        Assert.Equal("Bearer eyJ.e30.x", system.Service.Only.Header("Authorization"));
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_garbage_session_token_beats_a_valid_cookie_as_it_does_in_Kratos()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        var answer = await system.GetAsync("/private/x", "X-Session-Token: garbage", $"Cookie: {session.CookieHeader}");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        answer = await system.GetAsync(
            "/private/x",
            $"Cookie: {session.CookieHeader}",
            "Authorization: Bearer ory_st_garbage");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Two_bearer_tokens_behind_the_same_Cookie_line_are_two_people()
    {
        await using var system = await TestSystem.StartAsync();
        var (one, other) = (await system.Kratos.SignInNewAsync(), await system.Kratos.SignInNewAsync());

        foreach (var session in (DevKratos.DevSession[])[one, one, other, one, other])
        {
            await system.GetAsync("/private/x", "Cookie: theme=dark", $"Authorization: Bearer {session.Token}");
            Assert.Equal(session.IdentityId.ToString(), system.Service.Received[^1].Header("X-User-Id"));
        }
    }

    [Fact]
    public async Task Of_two_session_cookies_the_valid_one_counts_as_it_does_in_Kratos()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        Assert.Equal(
            HttpStatusCode.OK,
            (await system.GetAsync("/private/x", $"Cookie: ory_kratos_session=garbage; {session.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task Kratos_is_sent_only_the_credential_and_nothing_else_of_the_request()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        await system.SendAsync(
            HttpMethod.Post, "/private/x?y=z", new StringContent("body"), $"Cookie: a=b; {session.CookieHeader}; c=d",
            "X-Custom: secret", "Authorization: Bearer eyJ.e30.x");

        Assert.Equal("GET /sessions/whoami", system.Kratos.Faults.LastWhoamiRequest);
        Assert.Equal(session.CookieHeader, system.Kratos.Faults.LastWhoamiHeaders!["Cookie"]);
        Assert.DoesNotContain("X-Custom", system.Kratos.Faults.LastWhoamiHeaders.Keys);
        Assert.DoesNotContain("Authorization", system.Kratos.Faults.LastWhoamiHeaders.Keys);
    }

    [Fact]
    public async Task A_thousand_concurrent_first_requests_with_one_cookie_make_one_call()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.Hang = true;

        var requests = Enumerable.Range(0, 1000)
            .Select(_ => system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}"))
            .ToArray();
        await TestSystem.UntilAsync(() => Task.FromResult(system.Kratos.Faults.WhoamiCalls > 0));
        system.Kratos.Faults.Hang = false;
        var answers = await Task.WhenAll(requests);

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);
    }

    /// <summary>A cache that turned newcomers away when full would ask for them every time.</summary>
    [Fact]
    public async Task A_thousand_newcomers_to_a_full_cache_are_asked_about_once_each_though_they_come_twice()
    {
        await using var system = await TestSystem.StartAsync(["--Sessions:MaxEntries=1100", "--Sessions:CacheDuration=01:00:00"]);
        var person = await system.Kratos.CreateIdentityAsync();
        DevSession[] sessions = [.. Enumerable.Range(0, 2_100).Select(_ => system.Kratos.SignIn(person.Id))];
        await ComeAsync(Enumerable.Range(0, 1_100));
        Assert.Equal((1_100, 1_100), (system.Kratos.Faults.WhoamiCalls, system.Cache.Count));

        await ComeAsync(Enumerable.Range(1_100, 1_000));
        await ComeAsync(Enumerable.Range(1_100, 1_000));

        // While others make room, one of sixteen at once may find none: it is asked about again, and that is all.
        Assert.InRange(system.Kratos.Faults.WhoamiCalls, 2_100, 2_120);

        Task ComeAsync(IEnumerable<int> who) =>
            Parallel.ForEachAsync(who, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using var answer = await system.GetAsync("/private/x", $"Cookie: {sessions[i].CookieHeader}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        });
    }

    [Fact]
    public async Task Two_credentials_never_share_an_entry()
    {
        await using var system = await TestSystem.StartAsync();
        var first = await system.Kratos.SignInNewAsync();
        var second = await system.Kratos.SignInNewAsync();

        foreach (var session in new[] { first, second, first, second })
        {
            system.Service.Forget();
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
            Assert.Equal(session.IdentityId.ToString(), system.Service.Only.Header("X-User-Id"));
            system.Service.Forget();
            await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}");
            Assert.Equal(session.IdentityId.ToString(), system.Service.Only.Header("X-User-Id"));
        }
        Assert.Equal(4, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_session_token_in_the_cookie_is_another_credential_than_the_token()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: ory_kratos_session={session.Token}")).StatusCode);
    }

    [Fact]
    public async Task A_verdict_is_trusted_for_the_cache_duration_and_asked_again_after_it()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        for (var i = 0; i < 3; i++)
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);

        system.Time.Advance(TimeSpan.FromSeconds(31));
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(2, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_cache_duration_of_zero_asks_every_time()
    {
        await using var system = await TestSystem.StartAsync(["--Sessions:CacheDuration=00:00:00"]);
        var session = await system.Kratos.SignInNewAsync();

        for (var i = 0; i < 3; i++)
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(3, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_steady_user_never_waits_because_the_entry_is_refreshed_before_it_ends()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Time.Advance(TimeSpan.FromSeconds(25));
        system.Kratos.Faults.Hang = true;

        var answer = await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}"); // would hang if it waited

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await TestSystem.UntilAsync(() => Task.FromResult(system.Kratos.Faults.WhoamiCalls == 2));
        system.Kratos.Faults.Hang = false;
    }

    [Fact]
    public async Task A_session_is_never_served_past_its_end()
    {
        await using var system = await TestSystem.StartAsync(
            ["--Sessions:CacheDuration=01:00:00"],
            kratos: new() { SessionLifespan = TimeSpan.FromMinutes(10) });
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        system.Kratos.Faults.WhoamiStatusOverride = 500; // stale-if-error must not help either

        system.Time.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task A_shorter_Ory_Session_Cache_For_is_honoured()
    {
        await using var system = await TestSystem.StartAsync(
            ["--Sessions:CacheDuration=00:30:00"],
            kratos: new() { CacheableSessions = true, CacheableSessionsMaxAge = TimeSpan.FromSeconds(10) });
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        system.Time.Advance(TimeSpan.FromSeconds(11));
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(2, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_refused_credential_is_remembered_for_a_moment_only()
    {
        await using var system = await TestSystem.StartAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await system.GetAsync("/private/x", "Cookie: ory_kratos_session=x")).StatusCode);
        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);

        system.Time.Advance(TimeSpan.FromSeconds(6));
        await system.GetAsync("/private/x", "Cookie: ory_kratos_session=x");

        Assert.Equal(2, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_public_route_never_asks_Kratos()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/public/x", $"Cookie: {session.CookieHeader}")).StatusCode);

        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
        Assert.Null(system.Service.Only.Header("X-User-Id"));
    }

    [Fact]
    public async Task A_renewed_session_cookie_goes_to_the_caller_that_asked_and_to_nobody_else()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.ExtendSession(session.SessionId);

        var first = await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        var second = await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        Assert.StartsWith("ory_kratos_session=", Assert.Single(first.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        Assert.False(second.Headers.Contains("Set-Cookie"));
        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);
    }
}
