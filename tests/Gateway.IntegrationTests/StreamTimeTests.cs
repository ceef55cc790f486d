using System.Net.WebSockets;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Streams end at their time.</summary>
public sealed class StreamTimeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task At_the_end_of_their_session()
    {
        await using var system = await StartAsync("--Streams:IdleTimeout=1d");
        var open = await OpenAllAsync(system);

        foreach (var gateway in (TestSystem[])[system.Http1, system.Http2])
            gateway.Time.Advance(StreamSystem.SessionLifespan);

        await AssertEndedAsync(open, "1008 session_expired", "Unauthenticated session_expired");
    }

    [Fact]
    public async Task Not_while_Kratos_has_extended_it()
    {
        await using var system = await StartAsync("--Streams:IdleTimeout=1d");
        var session = await system.Http1.Kratos.SignInNewAsync();
        var ended = await system.OpenAsync("socket", session.CookieHeader);
        system.KratosTime.Advance(TimeSpan.FromHours(3));
        system.Http1.Kratos.ExtendSession(session.SessionId);

        system.Http1.Time.Advance(StreamSystem.SessionLifespan - TimeSpan.FromSeconds(2)); // the session's first end is near
        await TestSystem.UntilAsync(() => Task.FromResult(system.Http1.Kratos.Faults.WhoamiCalls > 1));
        Assert.False(ended.IsCompleted);

        system.Http1.Time.Advance(TimeSpan.FromHours(4));
        Assert.Equal(StreamEndTests.Expected("socket", "1008 session_expired"), await ended.WaitAsync(StreamSystem.Limit, Token));
    }

    [Fact]
    public async Task At_the_longest_age_whoever_opened_them()
    {
        await using var system = await StartAsync("--Streams:MaxAge=1h");
        var open = await OpenAllAsync(system);
        open["socket-public"] = await system.OpenAsync("socket-public", "");

        foreach (var gateway in (TestSystem[])[system.Http1, system.Http2])
            gateway.Time.Advance(TimeSpan.FromHours(1));

        await AssertEndedAsync(open, "1008 max_age", "Unavailable max_age");
    }

    [Fact]
    public async Task After_silence()
    {
        await using var system = await StartAsync("--Streams:IdleTimeout=10m");
        var open = await OpenAllAsync(system);
        foreach (var gateway in (TestSystem[])[system.Http1, system.Http2])
            gateway.Time.Advance(TimeSpan.FromMinutes(9));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(system.Http1.Url, "/socket-public/1")) { Scheme = "ws" }.Uri, Token);

        foreach (var gateway in (TestSystem[])[system.Http1, system.Http2])
            gateway.Time.Advance(TimeSpan.FromMinutes(2));

        open.Remove("grpc-unanswered"); // until its answer begins, a call's time is the forwarder's
        await AssertEndedAsync(open, "1001 idle", "Unavailable idle");
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Token);
        Assert.Equal(5, (await socket.ReceiveAsync(new byte[16], Token)).Count);
    }

    [Fact]
    public async Task When_the_gateway_stops_after_a_time_to_go()
    {
        await using var system = await StartAsync("--Streams:CloseGrace=00:00:00");
        var open = await OpenAllAsync(system);

        var stopping = Task.WhenAll(system.Http1.Gateway.StopAsync(Token), system.Http2.Gateway.StopAsync(Token));

        // Kestrel closes an HTTP/2 connection as soon as its last stream has ended: the client may not get to read how.
        Assert.True(open.Remove("grpc-duplex", out var call));
        var how = await call.WaitAsync(StreamSystem.Limit, Token);
        Assert.Contains(how, (string[])["client: Unavailable shutdown", "client: cut"]);
        await AssertEndedAsync(open, "1001 shutdown", "Unavailable shutdown");
        await stopping.WaitAsync(Token);
    }

    private static async Task<StreamSystem> StartAsync(params string[] args)
    {
        var system = new StreamSystem(args);
        await system.InitializeAsync();
        return system;
    }

    private static async Task<Dictionary<string, Task<string>>> OpenAllAsync(StreamSystem system)
    {
        var (http1, http2) = (await system.Http1.Kratos.SignInNewAsync(), await system.Http2.Kratos.SignInNewAsync());
        Dictionary<string, Task<string>> open = [];
        // Sockets at the same service would be taken for each other.
        string[] kinds =
            ["socket-h2c", "socket-tls", "events", "events-http2", "lines", "grpc-duplex", "grpc-unanswered"];
        foreach (var kind in kinds)
            open[kind] = await system.OpenAsync(kind, (system.Of(kind) == system.Http1 ? http1 : http2).CookieHeader);
        return open;
    }

    private static async Task AssertEndedAsync(Dictionary<string, Task<string>> open, string close, string status)
    {
        foreach (var (kind, ended) in open)
        {
            var expected = StreamSystem.Kinds.ContainsKey(kind)
                ? StreamEndTests.Expected(kind, close, status)
                : $"client: {close}, service: {close}";
            Assert.Equal($"{kind} {expected}", $"{kind} {await ended.WaitAsync(StreamSystem.Limit, Token)}");
        }
    }
}
