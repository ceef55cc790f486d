using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>What <c>gateway explain</c> tells of a route's policies, and of a described caller's credential.</summary>
public sealed class ExplainPolicyTests
{
    private const string WithPolicies = """
        Kratos: { PublicUrl: "http://127.0.0.1:1" }
        Cors: { Policies: { web: { AllowedOrigins: [ "https://app.test" ] } } }
        RateLimiter:
          Policies:
            each: { Type: SlidingWindow, PartitionBy: Caller, PermitLimit: 100, Window: 1m }
            all: { Type: Concurrency, PartitionBy: Route, PermitLimit: 5 }
        RequestTimeouts: { Policies: { quick: { Timeout: 250ms } } }
        ReverseProxy:
          Routes:
            one:
              ClusterId: one
              CorsPolicy: WEB
              RateLimiterPolicy: each
              TimeoutPolicy: quick
              Match: { Path: /one }
            two: { ClusterId: one, CorsPolicy: disable, RateLimiterPolicy: all, Timeout: 1m, Match: { Path: /two } }
            none: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: /none } }
          Clusters: { one: { Destinations: { a: { Address: "http://10.0.0.1:8090" } } } }
        """;

    [Theory]
    [InlineData(
        "/one", "Origin: https://app.test", true,
        "CORS web: pages of https://app.test may read the answer",
        "rate limit each: \"each\";q=100;w=60 by Caller; the request is counted",
        "time-out 00:00:00.2500000")]
    [InlineData(
        "/one", "Origin: https://other.test", false,
        "CORS web: pages of https://other.test may not read the answer",
        "rate limit each: \"each\";q=100;w=60 by Caller; the request is not counted",
        "time-out 00:00:00.2500000")]
    [InlineData(
        "/two", "X-A: b", false,
        "CORS disable: the request names no origin",
        "rate limit all: \"all\";q=5;qu=\"concurrent-requests\" by Route; the request is counted",
        "time-out 00:01:00")]
    [InlineData("/none", "X-A: b", false)]
    public async Task The_policies_of_the_route_are_told(string path, string header, bool isSignedIn, params string[] policies)
    {
        string[] caller = isSignedIn ? ["--session", "-"] : [];

        var result = await ExplainCommandTests.RunAsync(
            WithPolicies, ["explain", "GET", path, "-H", header, .. caller], ScriptedKratos.Session);

        Assert.Equal("", result.Error);
        var told = result.Output.Split("Policies     ");
        Assert.Equal(policies.Length > 0 ? 2 : 1, told.Length);
        var lines = told[^1].Split('\n').Take(policies.Length).Select(line => line.Trim());
        Assert.Equal(policies, lines);
    }

    [Fact]
    public async Task A_described_caller_can_have_the_credential_that_a_service_gets()
    {
        const string Passing = """
            Kratos: { PublicUrl: "http://127.0.0.1:1" }
            Forwarding: { ForwardSessionCookie: true }
            ReverseProxy:
              Routes: { one: { ClusterId: one, Match: { Path: /one } } }
              Clusters: { one: { Destinations: { a: { Address: "http://10.0.0.1:8090" } } } }
            """;
        string[] described = ["explain", "GET", "/one", "--session", "-"];

        var alone = await ExplainAsync();
        var withCookie = await ExplainAsync("--cookie", "s3cret");
        var withToken = await ExplainAsync("--session-token", "ory_st_s3cret");

        Assert.Equal(("", "", ""), (alone.Error, withCookie.Error, withToken.Error));
        Assert.Equal((0, 0, 0), (alone.ExitCode, withCookie.ExitCode, withToken.ExitCode));
        Assert.DoesNotContain("Cookie: ", alone.Output, StringComparison.Ordinal);
        Assert.Contains("Cookie: ***\n", withCookie.Output, StringComparison.Ordinal);
        Assert.Contains("X-Session-Token: ***\n", withToken.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", withCookie.Output + withToken.Output, StringComparison.Ordinal);

        Task<ProcessResult> ExplainAsync(params string[] credential) =>
            ExplainCommandTests.RunAsync(Passing, [.. described, .. credential], ScriptedKratos.Session);
    }
}
