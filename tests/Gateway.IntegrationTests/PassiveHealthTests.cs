using System.Net;
using System.Net.Sockets;
using Gateway.IntegrationTests.Harness;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

public sealed class PassiveHealthTests
{
    [Fact]
    public async Task A_destination_that_keeps_failing_is_left_out_where_the_cluster_asks_for_it()
    {
        using var dead = Refusing();
        using var log = new CapturedLog();
        await using var system = await StartAsync(
            dead,
            "HealthCheck: { Passive: { Enabled: true, Policy: TransportFailureRate, ReactivationPeriod: \"01:00:00\" } },",
            log);

        await TestSystem.UntilAsync(async () =>
        {
            var before = Refusals(log);
            Assert.Equal(6, await AnswersAsync(system));
            return Refusals(log) == before && before > 0;
        });
    }

    [Fact]
    public async Task Elsewhere_it_is_asked_again_and_again()
    {
        using var dead = Refusing();
        using var log = new CapturedLog();
        await using var system = await StartAsync(dead, "", log);

        Assert.Equal(6, await AnswersAsync(system));
        Assert.Equal(3, Refusals(log));
    }

    private static Task<TestSystem> StartAsync(Socket dead, string healthCheck, CapturedLog? log = null) => TestSystem.StartAsync(
        ["--Logging:LogLevel:Gateway=Warning"],
        $$"""
        ReverseProxy:
          Routes: { both: { ClusterId: both, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } } }
          Clusters:
            both: { LoadBalancingPolicy: RoundRobin, {{healthCheck}} Destinations: { dead: { Address: "http://{{dead.LocalEndPoint}}" }, alive: { Address: "{service}" } } }
        """,
        customize: builder =>
        {
            if (log is not null)
                builder.Logging.AddProvider(log);
        });

    private static int Refusals(CapturedLog log) => log.Text.Split("destination dead takes no connection").Length - 1;

    /// <summary>How many of six requests the service answered.</summary>
    private static async Task<int> AnswersAsync(TestSystem system)
    {
        var answered = 0;
        for (var i = 0; i < 6; i++)
            if ((await system.GetAsync("/x")).StatusCode is HttpStatusCode.OK)
                answered++;
        return answered;
    }

    /// <summary>A port that is taken and refuses connections: bound, but not listening.</summary>
    private static Socket Refusing()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
