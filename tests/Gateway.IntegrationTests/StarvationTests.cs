using System.Diagnostics;
using System.Net;
using Gateway.IntegrationTests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.IntegrationTests;

/// <summary>Strangers with invented credentials, and what they must not take from others.</summary>
public sealed class StarvationTests
{
    /// <summary>Clients are told apart by what this trusted proxy says.</summary>
    private static readonly string[] BehindAProxy = ["--Network:TrustedProxies:0=127.0.0.1/32"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Kratos gives 320 verdicts a second, and 2,000 questions come: without a limit, all would wait for longer than anybody may.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flood_of_unknown_cookies_to_a_slow_Kratos_costs_nobody_else_a_request(bool fromOtherAddresses)
    {
        await using var kratos = await PickyKratos.StartAsync();
        await using var system = await TestSystem.StartAsync(
            [
                .. fromOtherAddresses ? BehindAProxy : [],
                $"--Kratos:PublicUrl={kratos.Url}", "--Sessions:CacheDuration=00:00:01", "--Kratos:Timeout=00:00:04",
            ]);
        string[] signedIn = [.. Enumerable.Range(1000, 20).Select(i => $"good-session-{i}")];
        Assert.Equal(signedIn.Length, await PassAsync(system, signedIn, "10.1.0"));
        kratos.IsSlow = true;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var (sent, started) = (0, Stopwatch.GetTimestamp());
        using var flooder = system.NewClient();

        var flood = Task.WhenAll(Enumerable.Range(0, 2500).Select(async n =>
        {
            using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.25)); // each: 2,000 a second of all
            while (!over.IsCancellationRequested)
            {
                var number = Interlocked.Increment(ref sent);
                using var request = TestSystem.Request(
                    HttpMethod.Get,
                    "/private/x",
                    $"Cookie: ory_kratos_session=unknown{number}",
                    $"X-Forwarded-For: 10.9.0.{n % 50}");
                using var answer = await flooder.SendAsync(request, Token);
                Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable });
                await pace.WaitForNextTickAsync(Token);
            }
        }));
        await TestSystem.UntilAsync(() => Task.FromResult(Volatile.Read(ref sent) > 5000));
        var (newcomers, others) = (0, 0);
        for (var round = 0; round < 8; round++)
        {
            string[] ten = [.. Enumerable.Range(round * 10, 10).Select(i => $"good-session-{2000 + i}")];
            newcomers += await PassAsync(system, ten, $"10.2.{round}");
            others += await PassAsync(system, signedIn, "10.1.0"); // asked anew, as a verdict is trusted for a second
        }
        await over.CancelAsync();
        await flood;

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{sent} unknown cookies in {seconds:0.0} s; {newcomers} of 80 new sessions and {others} of 160 known ones passed");
        Assert.Equal((80, 160), (newcomers, others));
    }

    /// <summary>Kratos answers unknown cookies never, and others at once.</summary>
    [Fact]
    public async Task Unknown_cookies_that_take_Kratos_long_open_the_breaker_for_nobody()
    {
        await using var kratos = await PickyKratos.StartAsync();
        await using var system = await TestSystem.StartAsync(
            [
                .. BehindAProxy,
                $"--Kratos:PublicUrl={kratos.Url}", "--Kratos:Timeout=00:00:02", "--Sessions:CacheDuration=00:00:01",
            ]);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(system, "good-first", "10.1.0.1"));

        for (var round = 0; round < 3; round++)
        {
            var strangers = FloodAsync(system, $"unknown{round}");
            await TestSystem.UntilAsync(() => Task.FromResult(kratos.Unanswered >= 50 || strangers.All(s => s.IsCompleted)));
            for (var i = 0; i < 5; i++)
                Assert.Equal(HttpStatusCode.OK, await StatusAsync(system, $"good-{round}.{i}", $"10.2.0.{i}"));
            system.Time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(system, "good-first", "10.1.0.1"));
            // Kratos goes on giving verdicts until the strangers' time is over.
            var more = 5;
            await TestSystem.UntilAsync(async () =>
            {
                Assert.Equal(HttpStatusCode.OK, await StatusAsync(system, $"good-{round}.{more++}", "10.2.1.0"));
                return strangers.All(s => s.IsCompleted);
            });
            Assert.All(await Task.WhenAll(strangers), s => Assert.Equal(HttpStatusCode.ServiceUnavailable, s));
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(40)]
    public async Task No_more_calls_are_made_at_once_than_configured(int most)
    {
        await using var kratos = await PickyKratos.StartAsync();
        await using var system = await TestSystem.StartAsync(
            [$"--Kratos:PublicUrl={kratos.Url}", "--Kratos:Timeout=00:00:02", $"--Kratos:MaxConcurrentCalls={most}"]);

        var strangers = FloodAsync(system, "unknown");
        await Task.WhenAll(strangers);

        Assert.Equal(most - most / 8, kratos.MostUnanswered); // an eighth is for known credentials
        Assert.Contains("gateway_whoami_requests_total{answer=\"busy\"}", await system.MetricsAsync(), StringComparison.Ordinal);
    }

    /// <summary>Who signs in through the gateway is known to it when the session comes for the first time.</summary>
    [Fact]
    public async Task A_session_that_Kratos_handed_out_through_the_gateway_goes_before_strangers()
    {
        await using var kratos = await PickyKratos.StartAsync();
        await using var system = await TestSystem.StartAsync(
            [$"--Kratos:PublicUrl={kratos.Url}", "--Kratos:Timeout=00:00:10", "--Kratos:MaxConcurrentCalls=8"]);
        await system.GetAsync("/kratos/self-service/login?flow=good-issued");

        var strangers = FloodAsync(system, "unknown");
        await TestSystem.UntilAsync(() => Task.FromResult(kratos.Unanswered == 7));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(system, "good-issued", "10.9.0.1"));
        kratos.Release();
        await Task.WhenAll(strangers);
    }

    [Theory]
    [InlineData("Accept: application/json")]
    [InlineData("Accept: text/html")]
    public async Task An_aal1_session_on_an_aal2_page_asks_Kratos_again_only_after_two_seconds(string accept)
    {
        await using var kratos = await PickyKratos.StartAsync();
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Url}"]);
        const string Cookie = "Cookie: ory_kratos_session=good-aal1";
        await system.GetAsync("/private/x", Cookie);

        for (var round = 1; round <= 3; round++)
        {
            for (var i = 0; i < 5; i++)
            {
                using var answer = await system.GetAsync("/aal2/x", Cookie, accept);
                Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Forbidden, HttpStatusCode.Redirect });
            }
            Assert.Equal(1 + round, kratos.Asked);
            Assert.Equal(round, kratos.Flows); // programs are told where to go as well
            system.Time.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public async Task The_starter_of_a_shared_call_goes_away_and_another_gets_the_renewed_cookie()
    {
        var pending = new PendingRequests();
        await using var system = await TestSystem.StartAsync(
            customize: builder => builder.Services.AddSingleton<IStartupFilter>(pending));
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.ExtendSession(session.SessionId);
        system.Kratos.Faults.Hang = true;
        using var leaving = new CancellationTokenSource();
        using var first = TestSystem.Request(HttpMethod.Get, "/private/x", $"Cookie: {session.CookieHeader}");
        var starter = system.Client.SendAsync(first, leaving.Token);
        await TestSystem.UntilAsync(() => Task.FromResult(system.Kratos.Faults.WhoamiCalls == 1));
        var waiters = new Task<HttpResponseMessage>[3];
        for (var i = 0; i < waiters.Length; i++)
            waiters[i] = system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await TestSystem.UntilAsync(() => Task.FromResult(pending.Count == 4));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starter);
        await TestSystem.UntilAsync(() => Task.FromResult(pending.Count == 3));

        system.Kratos.Faults.Hang = false;
        var answers = await Task.WhenAll(waiters);

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.Single(answers, a => a.Headers.Contains("Set-Cookie"));
    }

    /// <summary>Counts the requests that have gone as far as they could, and wait there.</summary>
    private sealed class PendingRequests : IStartupFilter
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (_, rest) =>
            {
                var pending = rest();
                Interlocked.Increment(ref _count);
                try
                {
                    await pending;
                }
                finally
                {
                    Interlocked.Decrement(ref _count);
                }
            });
            next(app);
        };
    }

    /// <summary>How many of them pass, each from an address of their own in the network.</summary>
    private static async Task<int> PassAsync(TestSystem system, string[] cookies, string network)
    {
        var answers = await Task.WhenAll(cookies.Select((cookie, i) => StatusAsync(system, cookie, $"{network}.{i}")));
        return answers.Count(a => a is HttpStatusCode.OK);
    }

    /// <summary>A hundred requests at once with cookies that begin so, from one address.</summary>
    private static Task<HttpStatusCode>[] FloodAsync(TestSystem system, string cookie) =>
        [.. Enumerable.Range(0, 100).Select(i => StatusAsync(system, $"{cookie}.{i}", "10.9.0.1"))];

    private static async Task<HttpStatusCode> StatusAsync(TestSystem system, string cookie, string client)
    {
        using var answer = await system.GetAsync(
            "/private/x", $"Cookie: ory_kratos_session={cookie}", $"X-Forwarded-For: {client}");
        return answer.StatusCode;
    }
}
