using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

public sealed class AffinityTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Policy: HashCookie, ")]
    [InlineData("Policy: Cookie, ")]
    [InlineData("Policy: ArrCookie, ")]
    [InlineData("Policy: CustomHeader, ")]
    public async Task A_client_that_brings_its_affinity_key_stays_with_its_service(string policy)
    {
        await using var other = await EchoService.StartAsync();
        await using var system = await TestSystem.StartAsync(yaml: $$"""
            ReverseProxy:
              Routes: { both: { ClusterId: both, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } } }
              Clusters:
                both:
                  LoadBalancingPolicy: RoundRobin
                  SessionAffinity: { Enabled: true, {{policy}}AffinityKeyName: stays }
                  Destinations: { one: { Address: "{service}" }, other: { Address: "{{other.Url}}" } }
            """);

        string[] keys = [await NewClientAsync(system), await NewClientAsync(system)];

        Assert.Equal((1, 1), (system.Service.Received.Count, other.Received.Count));
        Assert.NotEqual(keys[0], keys[1]);
        foreach (var key in keys)
        {
            system.Service.Forget();
            other.Forget();
            for (var i = 0; i < 4; i++)
            {
                using var answer = await system.GetAsync("/", key);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.False(answer.Headers.Contains("Set-Cookie"), "a known client gets no new cookie");
            }
            Assert.Equal([0, 4], new[] { system.Service.Received.Count, other.Received.Count }.Order());
        }
    }

    /// <summary>A first request without a key; the header that brings the key of its answer.</summary>
    private static async Task<string> NewClientAsync(TestSystem system)
    {
        using var answer = await system.GetAsync("/");
        if (answer.Headers.TryGetValues("stays", out var keys)) return $"stays: {Assert.Single(keys)}";
        Assert.True(answer.Headers.TryGetValues("Set-Cookie", out var cookies), "the answer to a new client has no affinity key");
        var cookie = Assert.Single(cookies!);
        Assert.StartsWith("stays=", cookie, StringComparison.Ordinal);
        return $"Cookie: {cookie[..cookie.IndexOf(';', StringComparison.Ordinal)]}";
    }
}
