using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using DevKratos;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Streams end with the session that opened them, whoever ends it.</summary>
public sealed class StreamEndTests(StreamSystem system) : IClassFixture<StreamSystem>
{
    public static TheoryData<string> Kinds => new(StreamSystem.Kinds.Keys.ToArray());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_logout_ends_them(string kind)
    {
        var session = await system.Of(kind).Kratos.SignInNewAsync();
        var ended = await system.OpenAsync(kind, session.CookieHeader);

        await LogoutAsync(system.Of(kind), session);

        Assert.Equal(Expected(kind), await ended.WaitAsync(StreamSystem.Limit, Token));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_end_of_the_session_by_the_management_api_ends_them(string kind)
    {
        var session = await system.Of(kind).Kratos.SignInNewAsync();
        var ended = await system.OpenAsync(kind, session.CookieHeader);

        await system.Of(kind).ManageAsync($"/sessions/{session.SessionId}", HttpMethod.Delete);

        Assert.Equal(Expected(kind), await ended.WaitAsync(StreamSystem.Limit, Token));
    }

    [Fact]
    public async Task The_end_of_an_identitys_sessions_ends_the_streams_of_each()
    {
        var person = await system.Http1.Kratos.CreateIdentityAsync();
        var stranger = await system.Http1.Kratos.SignInNewAsync();
        var strangers = await system.OpenAsync("events", stranger.CookieHeader);
        List<Task<string>> own = [];
        for (var i = 0; i < 3; i++)
            own.Add(await system.OpenAsync("events", system.Http1.Kratos.SignIn(person.Id).CookieHeader));

        await system.Http1.ManageAsync($"/identities/{person.Id}/sessions", HttpMethod.Delete);

        var ends = await Task.WhenAll(own).WaitAsync(StreamSystem.Limit, Token);
        Assert.Equal(["client: whole", "client: whole", "client: whole"], ends);
        Assert.False(strangers.IsCompleted);
    }

    [Fact]
    public async Task They_end_within_two_seconds()
    {
        List<TimeSpan> delays = [];
        foreach (var kind in (string[])["socket", "events", "grpc-duplex", "socket", "events", "grpc-duplex", "lines"])
        {
            var session = await system.Of(kind).Kratos.SignInNewAsync();
            var ended = await system.OpenAsync(kind, session.CookieHeader);
            var started = Stopwatch.GetTimestamp();
            await system.Of(kind).ManageAsync($"/sessions/{session.SessionId}", HttpMethod.Delete);
            await ended.WaitAsync(StreamSystem.Limit, Token);
            delays.Add(Stopwatch.GetElapsedTime(started));
        }

        // The median: a busy machine may hold up a single one.
        Assert.InRange(delays.Order().ElementAt(3), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_session_that_ended_while_the_service_was_thinking_gets_no_stream()
    {
        await using var slow = await SlowService.StartAsync();
        await using var own = await TestSystem.StartAsync(yaml: $$"""
            ReverseProxy:
              Routes: { slow: { ClusterId: slow, AuthorizationPolicy: signed-in, Match: { Path: "/{**rest}" } } }
              Clusters: { slow: { Destinations: { a: { Address: "{{slow.Url}}" } } } }
            """);
        var session = await own.Kratos.SignInNewAsync();
        var answer = own.Client.SendAsync(
            TestSystem.Request(HttpMethod.Get, "/late?type=text%2Fevent-stream", $"Cookie: {session.CookieHeader}"),
            HttpCompletionOption.ResponseHeadersRead,
            Token);
        await slow.AskedAsync();

        await LogoutAsync(own, session);
        slow.Continue();

        Assert.DoesNotContain("later", await (await answer).Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_open_and_was_ended_is_counted_and_logged_by_reason()
    {
        await using var own = new StreamSystem("--Logging:LogLevel:Default=Information");
        await own.InitializeAsync();
        var session = await own.Http1.Kratos.SignInNewAsync();
        var socket = await own.OpenAsync("socket", session.CookieHeader);
        var events = await own.OpenAsync("events", session.CookieHeader);
        var metrics = await own.Http1.MetricsAsync();
        Assert.Contains("gateway_streams_open{kind=\"websocket\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("gateway_streams_open{kind=\"event_stream\"} 1\n", metrics, StringComparison.Ordinal);

        await own.Http1.ManageAsync($"/sessions/{session.SessionId}", HttpMethod.Delete);
        await Task.WhenAll(socket, events).WaitAsync(StreamSystem.Limit, Token);

        await TestSystem.UntilAsync(async () =>
        {
            metrics = await own.Http1.MetricsAsync();
            return metrics.Contains("gateway_streams_open{kind=\"websocket\"} 0\n", StringComparison.Ordinal)
                && metrics.Contains("gateway_streams_open{kind=\"event_stream\"} 0\n", StringComparison.Ordinal);
        });
        Assert.Contains("gateway_streams_ended_total{reason=\"session_ended\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("gateway_upstream_errors_total{route=\"events\"}", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("socket")]
    [InlineData("events")]
    [InlineData("grpc-duplex")]
    public async Task A_logout_at_another_replica_ends_them(string kind)
    {
        await using var postgres = await Postgres.StartAsync();
        string[] replication = [$"--Replication:ConnectionString={postgres.ConnectionString}"];
        await using var own = new StreamSystem(replication);
        await own.InitializeAsync();
        await using var other = await GatewayProcess.StartAsync(own.Of(kind), replication);
        await other.UntilReplicationAsync(connected: true);
        await TestSystem.UntilAsync(async () =>
            (await own.Of(kind).MetricsAsync()).Contains("gateway_replication_connected 1", StringComparison.Ordinal));
        var session = await own.Of(kind).Kratos.SignInNewAsync();
        var ended = await own.OpenAsync(kind, session.CookieHeader);

        var started = Stopwatch.GetTimestamp();
        Assert.Equal(HttpStatusCode.NoContent, (await other.Client.SendAsync(Logout(session), Token)).StatusCode);

        Assert.Equal(Expected(kind), await ended.WaitAsync(StreamSystem.Limit, Token));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_revoked_while_replicas_did_not_hear_each_other_ends_when_they_do(bool isRevoked)
    {
        await using var postgres = await Postgres.StartAsync();
        await using var own = new StreamSystem($"--Replication:ConnectionString={postgres.ConnectionString}");
        await own.InitializeAsync();
        await UntilHearingAsync(own.Http1, true);
        var session = await own.Http1.Kratos.SignInNewAsync();
        var ended = await own.OpenAsync("socket", session.CookieHeader);
        await postgres.StopAsync();
        await UntilHearingAsync(own.Http1, false);
        if (isRevoked)
            own.Http1.Kratos.RevokeSession(session.SessionId);
        var calls = own.Http1.Kratos.Faults.WhoamiCalls;

        await postgres.ResumeAsync();
        await UntilHearingAsync(own.Http1, true);

        await TestSystem.UntilAsync(() => Task.FromResult(own.Http1.Kratos.Faults.WhoamiCalls > calls));
        if (isRevoked)
            Assert.Equal(Expected("socket"), await ended.WaitAsync(StreamSystem.Limit, Token));
        else
            Assert.False(ended.IsCompleted);
    }

    internal static string Expected(
        string kind, string close = "1008 session_ended", string status = "Unauthenticated session_ended") =>
        StreamSystem.Kinds[kind]
            .Replace("{close}", close, StringComparison.Ordinal)
            .Replace("{status}", status, StringComparison.Ordinal);

    private static Task UntilHearingAsync(TestSystem gateway, bool hearing) => TestSystem.UntilAsync(async () =>
        (await gateway.MetricsAsync()).Contains($"gateway_replication_connected {(hearing ? 1 : 0)}", StringComparison.Ordinal));

    private static async Task LogoutAsync(TestSystem gateway, DevSession session)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = gateway.Url,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        using var request = Logout(session);
        request.Version = gateway.Gateway.Configuration["Kestrel:EndpointDefaults:Protocols"] is "Http2"
            ? HttpVersion.Version20
            : HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(request, Token)).StatusCode);
    }

    private static HttpRequestMessage Logout(DevSession session) => new(HttpMethod.Delete, "/kratos/self-service/logout/api")
    {
        Content = JsonContent.Create(new { session_token = session.Token }),
    };
}
