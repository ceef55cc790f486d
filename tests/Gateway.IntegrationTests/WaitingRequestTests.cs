using System.Net;
using System.Net.WebSockets;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Requests that wait for others to end, because of a concurrency limit with a queue.</summary>
public sealed class WaitingRequestTests
{
    private const string OneAtOnce = "{ Type: Concurrency, PartitionBy: Route, PermitLimit: 1, QueueLimit: 1 }";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_whose_route_has_no_more_time_is_told_to_come_again()
    {
        await using var system = await StartAsync("Timeout: 300ms,");
        using var socket = await ConnectAsync(system);

        // One has the place in the queue, the other none.
        var both = await Task.WhenAll(system.GetAsync("/page"), system.GetAsync("/page"));

        foreach (var refused in both)
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("1", RateLimitTests.Field(refused, "Retry-After"));
            Assert.Equal("rate_limited", await TestSystem.ReasonAsync(refused));
        }
    }

    [Fact]
    public async Task One_is_let_in_when_another_ends()
    {
        await using var system = await StartAsync("");
        using var socket = await ConnectAsync(system);
        Task<HttpResponseMessage>[] both = [system.GetAsync("/page"), system.GetAsync("/page")];
        var refused = await Task.WhenAny(both);

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await refused).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await both.Single(request => request != refused)).StatusCode);
    }

    private static Task<TestSystem> StartAsync(string timeout) => TestSystem.StartAsync(
        yaml: RateLimitTests.Yaml(OneAtOnce, page: "open")
            .Replace("RateLimiterPolicy: p,", $"RateLimiterPolicy: p, {timeout}", StringComparison.Ordinal));

    private static async Task<ClientWebSocket> ConnectAsync(TestSystem system)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(system.Url) { Scheme = "ws", Path = "/page" }.Uri, Cancelled);
        return socket;
    }
}
