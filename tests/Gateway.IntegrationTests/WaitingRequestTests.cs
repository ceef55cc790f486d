using System.Net;
using System.Net.WebSockets;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Requests that wait for others to end, because of a concurrency limit with a queue.</summary>
public sealed class WaitingRequestTests
{
    private const string OneAtOnce = "{ Type: Concurrency, PartitionBy: Route, PermitLimit: 1, QueueLimit: 1 }";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", 30)]
    [InlineData("Timeout: 5s,", 5)]
    [InlineData("Timeout: 10m,", 30)]
    public async Task One_waits_no_longer_than_its_route_has_time_and_half_a_minute_at_most(string timeout, int seconds)
    {
        var yaml = RateLimitTests.Yaml(OneAtOnce, page: "open")
            .Replace("RateLimiterPolicy: p,", $"RateLimiterPolicy: p, {timeout}", StringComparison.Ordinal);
        await using var system = await TestSystem.StartAsync(yaml: yaml);
        using var socket = await ConnectAsync(system);
        var waiting = await WaitingAsync(system);

        system.Time.Advance(TimeSpan.FromSeconds(seconds) - Moment);
        Assert.False(waiting.IsCompleted);
        system.Time.Advance(Moment);

        using var refused = await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("1", RateLimitTests.Field(refused, "Retry-After"));
        Assert.Equal("rate_limited", await TestSystem.ReasonAsync(refused));
    }

    [Fact]
    public async Task One_that_has_waited_in_vain_leaves_its_place_to_the_next()
    {
        await using var system = await TestSystem.StartAsync(yaml: RateLimitTests.Yaml(OneAtOnce, page: "open"));
        using var socket = await ConnectAsync(system);
        var vain = await WaitingAsync(system);
        system.Time.Advance(TimeSpan.FromMinutes(1));
        using var refused = await vain.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);

        var next = await WaitingAsync(system);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);

        Assert.Equal(HttpStatusCode.OK, (await next).StatusCode);
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestSystem system)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(system.Url) { Scheme = "ws", Path = "/page" }.Uri, Cancelled);
        return socket;
    }

    /// <summary>Of two requests one has the place in the queue, the other none.</summary>
    private static async Task<Task<HttpResponseMessage>> WaitingAsync(TestSystem system)
    {
        Task<HttpResponseMessage>[] both = [system.GetAsync("/page"), system.GetAsync("/page")];
        var refused = await Task.WhenAny(both);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await refused).StatusCode);
        return both.Single(request => request != refused);
    }
}
