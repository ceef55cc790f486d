using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Gateway.IntegrationTests.Harness;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

public sealed class RateLimitTests
{
    private const string PerCaller = "{ Type: SlidingWindow, PartitionBy: Caller, PermitLimit: 3, Window: \"00:01:00\" }";
    private const string PerAddress = "{ Type: FixedWindow, PartitionBy: ClientAddress, PermitLimit: 10, Window: \"01:00:00\" }";

    [Fact]
    public async Task Who_asks_more_often_than_the_policy_allows_is_429_and_is_told_when_to_come_again()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(PerCaller));
        var (ann, bob) = (await system.Kratos.SignInNewAsync(), await system.Kratos.SignInNewAsync());
        for (var left = 2; left >= 0; left--)
        {
            using var allowed = await system.GetAsync("/page", $"Cookie: {ann.CookieHeader}");
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
            Assert.Equal("\"p\";q=3;w=60", Field(allowed, "RateLimit-Policy"));
            Assert.StartsWith($"\"p\";r={left};t=", Field(allowed, "RateLimit"), StringComparison.Ordinal);
        }

        using var refused = await system.GetAsync("/page", $"Cookie: {ann.CookieHeader}");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var error = (await TestSystem.JsonAsync(refused)).GetProperty("error");
        Assert.Equal("too_many_requests", error.GetProperty("id").GetString());
        Assert.Equal("rate_limited", error.GetProperty("reason").GetString());
        var wait = int.Parse(Field(refused, "Retry-After"), CultureInfo.InvariantCulture);
        Assert.InRange(wait, 30, 60);
        Assert.Equal("\"p\";q=3;w=60", Field(refused, "RateLimit-Policy"));
        Assert.Equal($"\"p\";r=0;t={wait}", Field(refused, "RateLimit"));
        Assert.Equal(3, system.Service.Received.Count);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/page", $"Cookie: {bob.CookieHeader}")).StatusCode);

        using var page = await system.GetAsync("/page", $"Cookie: {ann.CookieHeader}", "Accept: text/html");
        Assert.Equal(HttpStatusCode.TooManyRequests, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.True(page.Headers.Contains("Retry-After"));

        system.Time.Advance(TimeSpan.FromSeconds(wait));
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/page", $"Cookie: {ann.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task A_request_that_the_rule_refuses_takes_no_permit_of_a_caller_and_one_without_a_policy_has_no_fields()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(PerCaller));
        for (var i = 0; i < 5; i++)
        {
            using var unknown = await system.GetAsync("/page");
            Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
            Assert.False(unknown.Headers.Contains("RateLimit"));
        }
        for (var i = 0; i < 5; i++)
        {
            using var open = await system.GetAsync("/open");
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
            Assert.False(open.Headers.Contains("RateLimit-Policy"));
        }
    }

    [Fact]
    public async Task Ten_thousand_requests_of_a_hundred_callers_pass_exactly_as_often_as_the_policy_allows()
    {
        const int Callers = 100, Each = 100, Limit = 40;
        await using var system = await TestSystem.StartAsync(yaml: Yaml(
            $"{{ Type: SlidingWindow, PartitionBy: Caller, PermitLimit: {Limit}, Window: \"1.00:00:00\" }}"));
        var cookies = new List<string>();
        for (var i = 0; i < Callers; i++)
            cookies.Add($"Cookie: {(await system.Kratos.SignInNewAsync()).CookieHeader}");
        var (passed, refused) = (new int[Callers], new int[Callers]);

        await Parallel.ForAsync(
            0,
            Callers * Each,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (request, _) =>
            {
                using var answer = await system.GetAsync("/page", cookies[request % Callers]);
                var counts = answer.StatusCode switch
                {
                    HttpStatusCode.OK => passed,
                    HttpStatusCode.TooManyRequests => refused,
                    _ => throw new InvalidOperationException($"{answer.StatusCode}"),
                };
                Interlocked.Increment(ref counts[request % Callers]);
            });

        Assert.All(passed, count => Assert.Equal(Limit, count));
        Assert.All(refused, count => Assert.Equal(Each - Limit, count));
        var metrics = await system.MetricsAsync();
        Assert.Contains($"gateway_rate_limiter_limited_total{{policy=\"p\"}} {Callers * (Each - Limit)}", metrics);
        Assert.Contains($"gateway_rate_limiter_partitions{{policy=\"p\"}} {Callers}", metrics);
    }

    [Fact]
    public async Task A_flood_of_bad_credentials_from_one_address_asks_Kratos_no_more_often_than_the_limit()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(PerAddress));
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
            (await system.GetAsync("/page", $"X-Session-Token: ory_st_{i:d32}")).StatusCode));

        Assert.Equal(10, answers.Count(status => status is HttpStatusCode.Unauthorized));
        Assert.Equal(190, answers.Count(status => status is HttpStatusCode.TooManyRequests));
        Assert.InRange(system.Kratos.Faults.WhoamiCalls, 1, 10);
    }

    [Fact]
    public async Task Counters_of_a_policy_outlive_a_reload_that_changes_others_and_begin_anew_when_it_is_changed_itself()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(PerAddress));
        for (var i = 0; i < 10; i++)
            await system.GetAsync("/page");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await system.GetAsync("/page")).StatusCode);

        await system.WriteConfigAsync(Yaml(PerAddress, "{ Type: Concurrency, PartitionBy: Route, PermitLimit: 5 }"));
        await TestSystem.UntilAsync(async () => (await system.GetAsync("/other")).Headers.Contains("RateLimit-Policy"));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await system.GetAsync("/page")).StatusCode);

        await system.WriteConfigAsync(Yaml(PerAddress.Replace("10", "12", StringComparison.Ordinal)));
        await TestSystem.UntilAsync(async () => (await system.GetAsync("/page")).StatusCode is HttpStatusCode.Unauthorized);

        await system.WriteConfigAsync(Yaml("{ Type: FixedWindow, PartitionBy: ClientAddress, PermitLimit: 0 }"));
        await TestSystem.UntilAsync(async () => (await ReadyAsync(system)).Contains("refused configuration"));
        using var kept = await system.GetAsync("/page");
        Assert.Equal("\"p\";q=12;w=3600", Field(kept, "RateLimit-Policy"));
    }

    [Fact]
    public async Task Concurrency_counts_what_is_under_way_and_a_socket_that_ends_makes_room()
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml("{ Type: Concurrency, PartitionBy: Route, PermitLimit: 1 }", page: "open"));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(
            new UriBuilder(system.Url) { Scheme = "ws", Path = "/page" }.Uri, TestContext.Current.CancellationToken);

        using var refused = await system.GetAsync("/page");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("\"p\";q=1;qu=\"concurrent-requests\"", Field(refused, "RateLimit-Policy"));
        Assert.Equal("1", Field(refused, "Retry-After"));

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await TestSystem.UntilAsync(async () => (await system.GetAsync("/page")).StatusCode is HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_bucket_lets_a_burst_pass_and_then_its_pace()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(
            "{ Type: TokenBucket, PartitionBy: Header, Header: X-Api-Key, TokenLimit: 5, TokensPerPeriod: 1, "
                + "ReplenishmentPeriod: \"00:10:00\" }",
            page: "open"));
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/page", "X-Api-Key: one")).StatusCode);

        using var refused = await system.GetAsync("/page", "X-Api-Key: one");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("\"p\";q=5;w=3000", Field(refused, "RateLimit-Policy"));
        Assert.InRange(int.Parse(Field(refused, "Retry-After"), CultureInfo.InvariantCulture), 1, 600);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/page", "X-Api-Key: two")).StatusCode);
    }

    [Theory]
    [InlineData("login")]
    [InlineData("recovery")]
    [InlineData("registration")]
    public async Task Without_any_configuration_one_address_posts_thirty_sign_ins_a_minute_and_reads_as_it_likes(string form)
    {
        await using var system = await TestSystem.StartAsync();
        var path = $"/kratos/self-service/{form}?flow=0";
        for (var i = 0; i < 30; i++)
        {
            using var answer = await system.SendAsync(HttpMethod.Post, i % 2 == 0 ? path : path.Replace("kratos", "KRATOS"));
            Assert.NotEqual(HttpStatusCode.TooManyRequests, answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await system.SendAsync(HttpMethod.Post, path)).StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await system.GetAsync(path)).StatusCode);
        Assert.NotEqual(
            HttpStatusCode.TooManyRequests,
            (await system.SendAsync(HttpMethod.Post, "/kratos/self-service/settings?flow=0")).StatusCode);
        system.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await system.SendAsync(HttpMethod.Post, path)).StatusCode);
    }

    [Theory]
    [InlineData("--RateLimiter:SignInPolicy=disable", 40)]
    [InlineData("--RateLimiter:Policies:sign-in:PermitLimit=5", 5)]
    public async Task The_limit_on_sign_ins_can_be_switched_off_and_changed(string argument, int pass)
    {
        await using var system = await TestSystem.StartAsync([argument]);
        var passed = 0;
        for (var i = 0; i < 40; i++)
        {
            using var answer = await system.SendAsync(HttpMethod.Post, "/kratos/self-service/login?flow=0");
            passed += answer.StatusCode is HttpStatusCode.TooManyRequests ? 0 : 1;
        }

        Assert.Equal(pass, passed);
    }

    [Fact]
    public async Task Behind_a_private_proxy_that_nobody_trusts_the_limit_on_sign_ins_is_off_and_the_log_says_so_once()
    {
        using var log = new CapturedLog();
        await using var system = await TestSystem.StartAsync(
            ["--Logging:LogLevel:Default=Warning"],
            customize: builder => builder.Logging.AddProvider(log));
        for (var i = 0; i < 35; i++)
        {
            using var answer = await system.SendAsync(
                HttpMethod.Post, "/kratos/self-service/login?flow=0", $"X-Forwarded-For: 192.0.2.{i}");
            Assert.NotEqual(HttpStatusCode.TooManyRequests, answer.StatusCode);
        }

        Assert.Equal(2, log.Text.Split("The limit on sign-ins is off").Length);
        Assert.Contains("127.0.0.1", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_each_address_that_it_names_has_its_own_sign_ins()
    {
        await using var system = await TestSystem.StartAsync(["--Network:TrustedProxies:0=127.0.0.1"]);
        async Task<HttpStatusCode> SignInAsync(string address) => (await system.SendAsync(
            HttpMethod.Post, "/kratos/self-service/login?flow=0", $"X-Forwarded-For: {address}")).StatusCode;

        for (var i = 0; i < 30; i++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, await SignInAsync($"2001:db8::{i:x}"));

        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync("2001:db8::ffff"));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, await SignInAsync("2001:db8:0:1::1"));
    }

    [Fact]
    public async Task A_private_client_of_a_trusted_proxy_does_not_talk_itself_out_of_the_limit_on_sign_ins()
    {
        await using var system = await TestSystem.StartAsync(
            ["--Network:TrustedProxies:0=127.0.0.1", "--RateLimiter:Policies:sign-in:PermitLimit=2"]);
        async Task<HttpStatusCode> SignInAsync(int i) => (await system.SendAsync(
            HttpMethod.Post, "/kratos/self-service/login?flow=0", $"X-Forwarded-For: 192.0.2.{i}, 10.0.0.5")).StatusCode;

        Assert.NotEqual(HttpStatusCode.TooManyRequests, await SignInAsync(1));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, await SignInAsync(2));
        Assert.Equal(HttpStatusCode.TooManyRequests, await SignInAsync(3));
    }

    internal static string Yaml(string policy, string? other = null, string page = "signed-in") => $$"""
        RateLimiter:
          Policies:
            p: {{policy}}
            other: {{other ?? "{ Type: Concurrency, PartitionBy: Route, PermitLimit: 9 }"}}
        AccessRules:
          open: { Session: None }
        ReverseProxy:
          Routes:
            page: { ClusterId: echo, AuthorizationPolicy: {{page}}, RateLimiterPolicy: p, Match: { Path: /page } }
            other:
              ClusterId: echo
              AuthorizationPolicy: open
              RateLimiterPolicy: {{(other is null ? "Disable" : "OTHER")}}
              Match: { Path: /other }
            open: { ClusterId: echo, AuthorizationPolicy: open, Match: { Path: /open } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    internal static string Field(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));

    internal static async Task<string> ReadyAsync(TestSystem system)
    {
        using var answer = await system.ManageAsync("/health/ready");
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }
}
