using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Gateway.IntegrationTests.Harness;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.IntegrationTests;

/// <summary>A destination that refuses connections costs no request while another one takes them.</summary>
public sealed class RefusedConnectionTests : IAsyncLifetime
{
    private const string Routes = """
        AccessRules: { told: { Session: Required, Mutators: [ Headers: { X-Told: "{caller.subject}" } ] } }
        ReverseProxy:
          Routes:
            plain: { ClusterId: http1, AuthorizationPolicy: signed-in, Match: { Path: "/plain/{**rest}" } }
            told: { ClusterId: http1, AuthorizationPolicy: told, Match: { Path: "/told/{**rest}" } }
            transformed:
              ClusterId: http1
              AuthorizationPolicy: signed-in
              Match: { Path: "/transformed/{**rest}" }
              Transforms:
                - { RequestHeader: X-Extra, Append: more }
                - { ResponseHeader: X-Answered, Append: once, When: Always }
            computed:
              ClusterId: http1
              AuthorizationPolicy: signed-in
              Match: { Path: "/computed/{**rest}" }
              Transforms: [ { PathPattern: "/elsewhere/{**rest}" } ]
            prefixed:
              ClusterId: http1
              AuthorizationPolicy: signed-in
              Match: { Path: "/prefixed/{**rest}" }
              Transforms: [ { PathRemovePrefix: /prefixed }, { RequestHeaderOriginalHost: "true" } ]
            keeping:
              ClusterId: http1
              AuthorizationPolicy: signed-in
              Match: { Path: "/keeping/{**rest}" }
              Metadata: { ForwardSessionCookie: "true" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            timed: { ClusterId: http1, AuthorizationPolicy: signed-in, Timeout: 60s, Match: { Path: "/timed/{**rest}" } }
            h2c: { ClusterId: h2c, AuthorizationPolicy: signed-in, Match: { Path: "/h2c/{**rest}" } }
            tls: { ClusterId: tls, AuthorizationPolicy: signed-in, Match: { Path: "/tls/{**rest}" } }
            watched: { ClusterId: watched, AuthorizationPolicy: signed-in, Match: { Path: "/watched/{**rest}" } }
            affine: { ClusterId: affine, AuthorizationPolicy: anonymous, Match: { Path: "/affine/{**rest}" } }
            none: { ClusterId: none, AuthorizationPolicy: anonymous, Match: { Path: "/none/{**rest}" } }
            cut: { ClusterId: cut, AuthorizationPolicy: anonymous, Match: { Path: "/cut/{**rest}" } }
          Clusters:
            http1: { LoadBalancingPolicy: RoundRobin, Destinations: { a: { Address: "{service}" }, dead: { Address: "{dead}" } } }
            h2c:
              LoadBalancingPolicy: RoundRobin
              HttpRequest: { Version: "2.0", VersionPolicy: RequestVersionExact }
              Destinations: { a: { Address: "{h2c}" }, dead: { Address: "{dead}" } }
            tls:
              LoadBalancingPolicy: RoundRobin
              HttpClient: { DangerousAcceptAnyServerCertificate: true }
              Destinations: { a: { Address: "{tls}" }, dead: { Address: "{dead-tls}" } }
            watched:
              LoadBalancingPolicy: RoundRobin
              HealthCheck: { Passive: { Enabled: true, Policy: TransportFailureRate, ReactivationPeriod: "01:00:00" } }
              Destinations: { a: { Address: "{service}" }, dead: { Address: "{dead}" } }
            affine:
              LoadBalancingPolicy: RoundRobin
              SessionAffinity: { Enabled: true, Policy: Cookie, AffinityKeyName: stays }
              Destinations: { a: { Address: "{service}" }, dead: { Address: "{dead}" } }
            none: { LoadBalancingPolicy: RoundRobin, Destinations: { a: { Address: "{dead}" }, dead: { Address: "{dead}" } } }
            cut: { LoadBalancingPolicy: RoundRobin, Destinations: { a: { Address: "{cut}" }, b: { Address: "{cut}" } } }
        """;

    private static readonly string[] Forwarding =
        ["plain", "told", "transformed", "computed", "prefixed", "keeping", "timed", "h2c", "tls"];

    private readonly Socket _dead = Refusing();
    private readonly TcpListener _cutting = new(IPAddress.Loopback, 0);
    private EchoService _h2c = null!, _tls = null!;
    private TestSystem _system = null!;
    private string _cookie = "";

    public static TheoryData<string> Kinds => new(Forwarding);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _h2c = await EchoService.StartAsync(HttpProtocols.Http2, tls: false);
        _tls = await EchoService.StartAsync(HttpProtocols.Http1, tls: true);
        _cutting.Start();
        _system = await TestSystem.StartAsync(yaml: Routes
            .Replace("{dead}", $"http://{_dead.LocalEndPoint}", StringComparison.Ordinal)
            .Replace("{dead-tls}", $"https://{_dead.LocalEndPoint}", StringComparison.Ordinal)
            .Replace("{cut}", $"http://{_cutting.LocalEndpoint}", StringComparison.Ordinal)
            .Replace("{h2c}", _h2c.Url.ToString(), StringComparison.Ordinal)
            .Replace("{tls}", _tls.Url.ToString(), StringComparison.Ordinal));
        _cookie = $"Cookie: a=1; {(await _system.Kratos.SignInNewAsync()).CookieHeader}; b=2";
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        await _tls.DisposeAsync();
        await _h2c.DisposeAsync();
        _cutting.Dispose();
        _dead.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Another_destination_gets_the_same_request(string kind)
    {
        List<Received> received = [];
        for (var i = 0; i < 6; i++)
        {
            var body = i % 2 == 0 ? null : new StringContent(new string('x', 100_000), Encoding.UTF8, "text/odd");
            using var answer = await _system.SendAsync(
                body is null ? HttpMethod.Get : HttpMethod.Post,
                $"/{kind}/1?a=b",
                body,
                _cookie,
                "X-Of-Client: 1",
                "X-User-Id: forged");
            Assert.Equal((i, HttpStatusCode.OK), (i, answer.StatusCode));
            if (kind is "transformed")
                Assert.Equal("once", Assert.Single(answer.Headers.GetValues("X-Answered")));
            received.Add(Take());
        }

        for (var i = 2; i < 6; i++)
            Assert.Equal(Text(received[i % 2]), Text(received[i]));
        Assert.DoesNotContain($"gateway_upstream_errors_total{{route=\"{kind}\"}}", await _system.MetricsAsync());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("transformed")]
    [InlineData("tls")]
    public async Task A_WebSocket_opens_at_another_destination(string kind)
    {
        for (var i = 0; i < 4; i++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Cookie", _cookie["Cookie: ".Length..]);
            await socket.ConnectAsync(new UriBuilder(new Uri(_system.Url, $"/{kind}/1")) { Scheme = "ws" }.Uri, Token);

            await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Token);
            var message = await socket.ReceiveAsync(new byte[16], Token);
            Assert.Equal(5, message.Count);
        }
    }

    [Fact]
    public async Task The_one_that_refuses_is_what_passive_health_checks_count()
    {
        for (var i = 0; i < 30; i++)
            Assert.Equal(HttpStatusCode.OK, (await _system.GetAsync("/watched/1", _cookie)).StatusCode);

        var cluster = Assert.Single(Clusters(), cluster => cluster.ClusterId == "watched");
        await TestSystem.UntilAsync(() => Task.FromResult(cluster.DestinationsState.AvailableDestinations.Count == 1));
        Assert.Equal("a", cluster.DestinationsState.AvailableDestinations[0].DestinationId);
    }

    [Fact]
    public async Task A_new_client_is_bound_to_the_destination_that_answered()
    {
        for (var i = 0; i < 4; i++)
        {
            using var first = await _system.GetAsync("/affine/1");
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            var key = Assert.Single(first.Headers.GetValues("Set-Cookie")).Split(';')[0];
            for (var j = 0; j < 3; j++)
                Assert.Equal(HttpStatusCode.OK, (await _system.GetAsync("/affine/1", $"Cookie: {key}")).StatusCode);
        }
    }

    [Fact]
    public async Task Where_all_refuse_it_is_tried_twice_and_answered_with_502()
    {
        using var answer = await _system.GetAsync("/none/1", "Accept: application/json");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("upstream_unreachable", await TestSystem.ReasonAsync(answer));
        Assert.Contains("gateway_upstream_errors_total{route=\"none\"} 1", await _system.MetricsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_was_taken_and_cut_is_not_tried_again(bool withBody)
    {
        var calls = 0;
        var cutting = Task.Run(
            async () =>
            {
                while (true)
                {
                    using var client = await _cutting.AcceptSocketAsync(Token);
                    await client.ReceiveAsync(new byte[100_000], Token);
                    Interlocked.Increment(ref calls);
                    client.Close(timeout: 0);
                }
            },
            Token);

        using var answer = await _system.SendAsync(
            HttpMethod.Post, "/cut/1", withBody ? new StringContent("body") : null, "Accept: application/json");

        Assert.Equal((HttpStatusCode.BadGateway, 1), (answer.StatusCode, Volatile.Read(ref calls)));
        Assert.False(cutting.IsCompleted);
    }

    private IEnumerable<Yarp.ReverseProxy.Model.ClusterState> Clusters() =>
        ((Yarp.ReverseProxy.IProxyStateLookup)_system.Gateway.Services.GetService(typeof(Yarp.ReverseProxy.IProxyStateLookup))!)
            .GetClusters();

    private Received Take()
    {
        var received = Assert.Single((Received[])[.. _system.Service.Received, .. _h2c.Received, .. _tls.Received]);
        foreach (var service in (EchoService[])[_system.Service, _h2c, _tls])
            service.Forget();
        return received;
    }

    private static string Text(Received received) =>
        $"{received.Method} {received.Target}\n"
        + string.Concat(received.Headers
            .Where(header => !header.Key.Equals("X-Request-Id", StringComparison.OrdinalIgnoreCase))
            .OrderBy(header => header.Key, StringComparer.Ordinal)
            .Select(header => $"{header.Key}: {header.Value}\n"))
        + received.Body;

    /// <summary>A port that is taken and refuses connections: bound, but not listening.</summary>
    private static Socket Refusing()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
