using System.Diagnostics;
using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

public sealed class OutageTests
{
    private const string Browser = "Accept: text/html";

    [Fact]
    public async Task With_the_database_down_nobody_is_told_to_log_in()
    {
        await using var system = await TestSystem.StartAsync();
        var known = await system.Kratos.SignInNewAsync();
        var unknown = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {known.CookieHeader}");
        system.Kratos.Faults.DatabaseDown = true;

        var cached = await system.GetAsync("/private/x", $"Cookie: {known.CookieHeader}");
        system.Time.Advance(TimeSpan.FromSeconds(31));
        var stale = await system.GetAsync("/private/x", $"Cookie: {known.CookieHeader}");
        var api = await system.GetAsync("/private/x", $"Cookie: {unknown.CookieHeader}");
        var page = await system.GetAsync("/private/x", $"Cookie: {unknown.CookieHeader}", Browser);

        Assert.Equal(HttpStatusCode.OK, cached.StatusCode);
        Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, api.StatusCode);
        Assert.Equal("identity_provider_unavailable", await TestSystem.ReasonAsync(api));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.NotNull(page.Headers.RetryAfter);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_good_readiness_from_a_moment_ago_does_not_make_a_401_believable_for_a_known_session()
    {
        await using var system = await TestSystem.StartAsync(["--Sessions:CacheDuration=00:00:00"]);
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await system.GetAsync("/private/x", "Cookie: ory_kratos_session=garbage"); // asks readiness: good
        system.Kratos.Faults.DatabaseDown = true;

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated_from_memory_once_Kratos_is_in_trouble()
    {
        await using var system = await TestSystem.StartAsync();
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", "Cookie: ory_kratos_session=garbage")).StatusCode);
        system.Kratos.Faults.DatabaseDown = true;
        system.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await system.GetAsync("/private/x", "Cookie: ory_kratos_session=other")).StatusCode);

        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await system.GetAsync("/private/x", "Cookie: ory_kratos_session=garbage")).StatusCode);
    }

    [Fact]
    public async Task With_Kratos_stopped_a_cached_session_works_for_the_configured_time_and_an_unknown_one_gets_503()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await system.Kratos.DisposeAsync();

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        system.Time.Advance(TimeSpan.FromSeconds(89)); // 30 s fresh, 60 s stale
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        var unknown = await system.GetAsync("/private/x", "Cookie: ory_kratos_session=x", Browser);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
        Assert.NotNull(unknown.Headers.RetryAfter);
        system.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task StaleIfError_of_zero_never_serves_a_stale_verdict()
    {
        await using var system = await TestSystem.StartAsync(["--Sessions:StaleIfError=00:00:00"]);
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Kratos.Faults.WhoamiStatusOverride = 500;
        system.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(
            HttpStatusCode.ServiceUnavailable,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task With_Kratos_hanging_the_answer_comes_within_the_timeout()
    {
        await using var system = await TestSystem.StartAsync(["--Kratos:Timeout=00:00:00.500"]);
        system.Kratos.Faults.Hang = true;

        var started = Stopwatch.GetTimestamp();
        var answer = await system.GetAsync("/private/x", "Cookie: ory_kratos_session=x");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5)); // generous: two busy cores
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(302)]
    [InlineData(404)]
    [InlineData(403)]
    public async Task Any_odd_answer_of_whoami_is_no_verdict(int status)
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.Faults.WhoamiStatusOverride = status;

        var answer = await system.GetAsync("/private/x", "Cookie: ory_kratos_session=x", Browser);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task When_Kratos_is_back_so_is_the_gateway()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.WhoamiStatusOverride = 500;
        for (var i = 0; i < 20; i++)
            Assert.Equal(
                HttpStatusCode.ServiceUnavailable,
                (await system.GetAsync("/private/x", $"X-Session-Token: x{i}")).StatusCode);
        system.Kratos.Faults.WhoamiStatusOverride = null;

        await TestSystem.UntilAsync(async () =>
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode is HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_optional_route_goes_on_as_anonymous_when_Kratos_gives_no_verdict()
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.Faults.WhoamiStatusOverride = 500;

        var answer = await system.GetAsync("/optional/x", "Cookie: ory_kratos_session=x");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Null(system.Service.Only.Header("X-User-Id"));
    }
}
