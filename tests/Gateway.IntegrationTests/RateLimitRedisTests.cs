using System.Net;
using Gateway.IntegrationTests.Harness;
using Gateway.RateLimits;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests;

public sealed class RateLimitRedisTests
{
    private const string FiveAnHour =
        "{ Type: FixedWindow, PartitionBy: Header, Header: X-Api-Key, PermitLimit: 5, Window: \"01:00:00\" }";

    [Theory]
    [InlineData("FixedWindow")]
    [InlineData("SlidingWindow")]
    [InlineData("TokenBucket")]
    public async Task Ten_thousand_requests_of_a_hundred_callers_over_three_replicas_pass_within_five_percent(string type)
    {
        const int Callers = 100, Limit = 40;
        var policy = new RateLimitPolicy { Type = Enum.Parse<RateLimitType>(type), PartitionBy = PartitionSource.Caller };
        policy = policy.Type is RateLimitType.TokenBucket
            ? policy with { TokenLimit = Limit, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromHours(1) }
            : policy with { PermitLimit = Limit, Window = TimeSpan.FromHours(1) };
        await using var redis = await RedisServer.StartAsync();
        var options = new RateLimitOptions
        {
            Store = RateLimitStore.Redis,
            Redis = new() { ConnectionString = redis.ConnectionString, Timeout = TimeSpan.FromSeconds(5) },
        };
        var replicas = Enumerable.Range(0, 3)
            .Select(_ => new RedisCounters(options, TimeProvider.System, NullLogger<RedisCounters>.Instance)).ToArray();
        var limits = new List<RateLimit>();
        foreach (var replica in replicas)
        {
            await replica.StartAsync(TestContext.Current.CancellationToken);
            limits.Add(new("p", policy, new(), new PartitionTable(policy, 1, TimeProvider.System), replica));
        }
        var passed = new int[Callers];

        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (request, cancellation) =>
        {
            var caller = request / 3 % Callers;
            using var permit = await limits[request % 3].AcquireAsync((UInt128)caller, default, cancellation);
            Assert.True(permit.Lease is not null, "Redis did not count it");
            if (permit.Refusal is null)
                Interlocked.Increment(ref passed[caller]);
        });

        foreach (var replica in replicas)
            await replica.DisposeAsync();
        Assert.All(passed, count => Assert.InRange(count, Limit * 0.95, Limit * 1.05));
    }

    [Fact]
    public async Task Two_gateways_count_together_and_Redis_holds_no_value_of_a_header()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var system = await StartAsync(redis);
        await using var second = await GatewayProcess.StartAsync(system, Arguments(redis));
        var passed = 0;
        for (var i = 0; i < 10; i++)
        {
            var client = i % 2 == 0 ? system.Client : second.Client;
            using var request = new HttpRequestMessage(HttpMethod.Get, "/page") { Headers = { { "X-Api-Key", "s3cret" } } };
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(answer.Headers.Contains("RateLimit"));
            if (answer.StatusCode is HttpStatusCode.OK)
                passed++;
            else
                Assert.True(answer.Headers.Contains("Retry-After"));
        }

        Assert.Equal(5, passed);
        var keys = await redis.KeysAsync();
        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.Matches(@"^rl:fw:\{gateway:p:[0-9a-f]{32}\}(:exp)?$", key));
    }

    [Fact]
    public async Task Three_gateways_let_nobody_of_a_hundred_callers_pass_more_than_five_percent_over()
    {
        const int Callers = 100, Limit = 40;
        await using var redis = await RedisServer.StartAsync();
        var yaml = RateLimitTests.Yaml($"{{ Type: SlidingWindow, PartitionBy: Caller, PermitLimit: {Limit}, Window: 1h }}");
        await using var system = await TestSystem.StartAsync([.. Arguments(redis)], yaml);
        var replicas = await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => GatewayProcess.StartAsync(system, Arguments(redis))));
        var sessions = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => system.Kratos.SignInNewAsync()));
        var passed = new int[Callers];

        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (request, _) =>
        {
            var caller = request / 3 % Callers;
            using var answer = await replicas[request % 3].GetAsync("/page", sessions[caller].CookieHeader);
            Assert.True(answer.Headers.Contains("RateLimit"), $"{answer.StatusCode}: Redis did not count it");
            if (answer.StatusCode is HttpStatusCode.OK)
                Interlocked.Increment(ref passed[caller]);
            else
                Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        });

        foreach (var replica in replicas)
            await replica.DisposeAsync();
        Assert.All(passed, count => Assert.InRange(count, Limit * 0.95, Limit * 1.05));
    }

    [Fact]
    public async Task With_Redis_killed_every_request_passes_under_Allow_and_once_it_is_back_they_are_counted_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var system = await StartAsync(redis);
        Assert.Equal(5, await PassedAsync(system, 8));
        Assert.DoesNotContain("Redis", await RateLimitTests.ReadyAsync(system), StringComparison.Ordinal);

        await redis.KillAsync();
        Assert.Equal(20, await PassedAsync(system, 20));
        var ready = await RateLimitTests.ReadyAsync(system);
        Assert.StartsWith("200 ", ready, StringComparison.Ordinal);
        Assert.Contains("Redis does not answer, requests of limited routes are not counted", ready, StringComparison.Ordinal);
        Assert.Matches(
            "gateway_rate_limiter_uncounted_total\\{policy=\"p\"\\} [1-9]", await system.MetricsAsync());

        await redis.ResumeAsync();
        await TestSystem.UntilAsync(async () =>
        {
            system.Time.Advance(TimeSpan.FromSeconds(1)); // else it is left alone for a second after each failure
            using var answer = await system.GetAsync("/page", "X-Api-Key: probe");
            return answer.Headers.Contains("RateLimit");
        });
        Assert.Equal(5, await PassedAsync(system, 8));
        Assert.DoesNotContain("Redis", await RateLimitTests.ReadyAsync(system), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_Redis_killed_limited_routes_are_503_under_Refuse_and_others_go_on()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var system = await StartAsync(redis, "--RateLimiter:OnOutage=Refuse");
        await redis.KillAsync();

        using var refused = await system.GetAsync("/page", "X-Api-Key: one");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("rate_limiter_unavailable", await TestSystem.ReasonAsync(refused));
        Assert.True(refused.Headers.Contains("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/open")).StatusCode);
        var ready = await RateLimitTests.ReadyAsync(system);
        Assert.StartsWith("200 ", ready, StringComparison.Ordinal);
        Assert.Contains("requests of limited routes are refused", ready, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_that_is_silent_holds_a_request_up_for_its_time_out_and_the_next_ones_not_at_all()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var system = await StartAsync(redis, "--RateLimiter:Redis:Timeout=00:00:00.500");
        Assert.Equal(1, await PassedAsync(system, 1));

        await redis.SignalAsync("STOP");
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(40, await PassedAsync(system, 40));
        // Half of what 40 time-outs would take.
        Assert.InRange(
            TimeProvider.System.GetElapsedTime(started), TimeSpan.FromMilliseconds(450), TimeSpan.FromSeconds(10));
        await redis.SignalAsync("CONT");
    }

    [Fact]
    public async Task Without_Redis_at_the_start_the_gateway_serves_and_finds_it_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var system = await StartAsync(redis);
        Assert.Equal(8, await PassedAsync(system, 8));

        await redis.ResumeAsync();
        await TestSystem.UntilAsync(async () =>
        {
            system.Time.Advance(TimeSpan.FromSeconds(1));
            using var answer = await system.GetAsync("/page", "X-Api-Key: probe");
            return answer.Headers.Contains("RateLimit");
        });
        Assert.Equal(5, await PassedAsync(system, 8));
    }

    private static Task<TestSystem> StartAsync(RedisServer redis, params string[] more) =>
        TestSystem.StartAsync([.. Arguments(redis), .. more], RateLimitTests.Yaml(FiveAnHour, page: "open"));

    /// <summary>A busy machine is not taken for an outage.</summary>
    private static string[] Arguments(RedisServer redis) =>
    [
        "--RateLimiter:Store=Redis",
        $"--RateLimiter:Redis:ConnectionString={redis.ConnectionString}",
        "--RateLimiter:Redis:Timeout=00:00:05",
    ];

    private static async Task<int> PassedAsync(TestSystem system, int requests)
    {
        var passed = 0;
        for (var i = 0; i < requests; i++)
        {
            using var answer = await system.GetAsync("/page", "X-Api-Key: one");
            passed += answer.StatusCode is HttpStatusCode.OK ? 1 : 0;
        }
        return passed;
    }
}
