using System.Net;
using System.Net.WebSockets;
using System.Text;
using Gateway.IntegrationTests.Harness;
using Gateway.IntegrationTests.Harness.Grpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>A route's time bounds an answer from the rule on to its end, and of a stream until it begins.</summary>
public sealed class TimeoutTests
{
    private const string Yaml = """
        RequestTimeouts: { Policies: { short: { Timeout: 300ms }, stream: { Timeout: "{time}" }, long: { Timeout: 1h } } }
        RateLimiter: { Policies: { few: { Type: FixedWindow, PartitionBy: Route, PermitLimit: 9, Window: "00:01:00" } } }
        Cors: { Policies: { web: { AllowedOrigins: [ "https://app.example" ] } } }
        ReverseProxy:
          Routes:
            own: { ClusterId: slow, AuthorizationPolicy: anonymous, CorsPolicy: web, Timeout: 300ms, Match: { Path: "/own/{**rest}" } }
            few: { ClusterId: slow, AuthorizationPolicy: anonymous, RateLimiterPolicy: few, Timeout: 300ms, Match: { Path: "/few/{**rest}" } }
            spelt: { ClusterId: slow, AuthorizationPolicy: anonymous, Timeout: "00:00:00.3", Match: { Path: "/spelt/{**rest}" } }
            named: { ClusterId: slow, AuthorizationPolicy: anonymous, TimeoutPolicy: Short, Match: { Path: "/named/{**rest}" } }
            off: { ClusterId: echo, AuthorizationPolicy: anonymous, TimeoutPolicy: disable, Match: { Path: "/off/{**rest}" } }
            long: { ClusterId: slow, AuthorizationPolicy: anonymous, TimeoutPolicy: long, Match: { Path: "/long/{**rest}" } }
            patient: { ClusterId: echo, AuthorizationPolicy: anonymous, TimeoutPolicy: long, Match: { Path: "/patient/{**rest}" } }
            changed:
              ClusterId: slow
              AuthorizationPolicy: anonymous
              Timeout: 300ms
              Match: { Path: "/changed/{**rest}" }
              Transforms: [ { ResponseHeader: X-More, Set: more } ]
            private: { ClusterId: slow, AuthorizationPolicy: signed-in, Timeout: 300ms, Match: { Path: "/private/{**rest}" } }
            stream: { ClusterId: slow, AuthorizationPolicy: anonymous, Timeout: "{time}", Match: { Path: "/stream/{**rest}" } }
            stream-named: { ClusterId: slow, AuthorizationPolicy: anonymous, TimeoutPolicy: stream, Match: { Path: "/stream-named/{**rest}" } }
            stream-changed:
              ClusterId: slow
              AuthorizationPolicy: anonymous
              Timeout: "{time}"
              Match: { Path: "/stream-changed/{**rest}" }
              Transforms: [ { ResponseHeader: X-More, Set: more } ]
            socket: { ClusterId: echo, AuthorizationPolicy: anonymous, Timeout: "{time}", Match: { Path: "/socket/{**rest}" } }
          Clusters:
            slow: { Destinations: { a: { Address: "{slow}" } } }
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("own")]
    [InlineData("spelt")]
    [InlineData("named")]
    [InlineData("changed")]
    public async Task A_silent_service_is_504_at_the_routes_time(string route)
    {
        await using var slow = await SlowService.StartAsync();
        var log = new CapturedLog();
        await using var system = await StartAsync(slow, log);

        var answer = await system.GetAsync($"/{route}/silent", "Origin: https://app.example");
        var upload = await system.SendAsync(HttpMethod.Post, $"/{route}/silent", new StringContent("body"));

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("request_timeout", await TestSystem.ReasonAsync(answer));
        Assert.Equal(route is "own", answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal("request_timeout", await TestSystem.ReasonAsync(upload));
        Assert.Contains("RequestTimedOut", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", log.Text, StringComparison.Ordinal);
        await slow.GivenUpAsync(2);
    }

    [Fact]
    public async Task What_the_gateway_has_said_before_stands_on_its_504()
    {
        await using var slow = await SlowService.StartAsync();
        await using var system = await StartAsync(slow);

        var answer = await system.GetAsync("/few/silent");

        Assert.Equal("request_timeout", await TestSystem.ReasonAsync(answer));
        Assert.True(answer.Headers.TryGetValues("RateLimit-Policy", out var policy));
        Assert.Equal(["\"few\";q=9;w=60"], policy);
    }

    [Fact]
    public Task An_answer_that_began_is_cut_off_at_the_routes_time() =>
        WithSomeTimeAsync(async time =>
        {
            await using var slow = await SlowService.StartAsync();
            await using var system = await StartAsync(slow, time);

            await Assert.ThrowsAsync<HttpRequestException>(() => system.GetAsync("/stream/half"));

            await slow.GivenUpAsync(1);
        });

    [Fact]
    public async Task A_request_in_time_is_answered_by_the_service()
    {
        await using var slow = await SlowService.StartAsync();
        await using var system = await StartAsync(slow);

        foreach (var (path, status) in ((string, int)[])[("/long/quick", 200), ("/patient/x?status=504", 504), ("/off/x", 200)])
        {
            var answer = await system.GetAsync(path);
            Assert.Equal((path, status), (path, (int)answer.StatusCode));
            Assert.DoesNotContain("request_timeout", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_that_goes_away_is_no_timeout()
    {
        await using var slow = await SlowService.StartAsync();
        var log = new CapturedLog();
        await using var system = await StartAsync(slow, log);
        using var client = system.NewClient();
        using var away = new CancellationTokenSource();

        var asking = client.GetAsync("/long/silent", away.Token);
        await slow.AskedAsync();
        await away.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await slow.GivenUpAsync(1);
        Assert.DoesNotContain("RequestTimedOut", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kratos_time_is_not_the_services()
    {
        await using var slow = await SlowService.StartAsync();
        await using var system = await StartAsync(slow, null, "--Kratos:Timeout=00:00:01");
        var ann = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.Hang = true;

        var answer = await system.GetAsync("/private/quick", $"Cookie: {ann.CookieHeader}");

        Assert.Equal("identity_provider_unavailable", await TestSystem.ReasonAsync(answer));
    }

    [Fact]
    public Task A_websocket_lives_on() =>
        WithSomeTimeAsync(async time =>
        {
            await using var slow = await SlowService.StartAsync();
            await using var system = await StartAsync(slow, time);
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new($"ws://{system.Url.Authority}/socket/1"), Token);

            await PastTheTimeAsync(system);

            await socket.SendAsync(Encoding.UTF8.GetBytes("still there"), WebSocketMessageType.Text, true, Token);
            var buffer = new byte[64];
            var echoed = await socket.ReceiveAsync(buffer, Token);
            Assert.Equal("still there", Encoding.UTF8.GetString(buffer, 0, echoed.Count));
        });

    [Theory]
    [InlineData("stream", "text/event-stream")]
    [InlineData("stream-changed", "Text/Event-Stream; charset=utf-8")]
    [InlineData("stream-named", "application/grpc")]
    [InlineData("stream-named", "application/grpc-web+proto")]
    public Task A_stream_lives_on(string route, string type) =>
        WithSomeTimeAsync(async time =>
        {
            await using var slow = await SlowService.StartAsync();
            await using var system = await StartAsync(slow, time);
            using var client = system.NewClient();
            var path = $"/{route}/stream?type={Uri.EscapeDataString(type)}";
            using var answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Token);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Token));
            Assert.Equal("data: begun", await reader.ReadLineAsync(Token));

            await PastTheTimeAsync(system);

            slow.Continue();
            Assert.Equal("data: done", await reader.ReadLineAsync(Token));
        });

    [Fact]
    public Task A_stream_whose_head_alone_has_come_lives_on() =>
        WithSomeTimeAsync(async time =>
        {
            await using var slow = await SlowService.StartAsync();
            await using var system = await StartAsync(slow, time);
            using var client = system.NewClient();
            var asking = client.GetAsync("/stream/head", HttpCompletionOption.ResponseHeadersRead, Token);
            await slow.AskedAsync();

            await PastTheTimeAsync(system);

            slow.Continue();
            using var answer = await asking;
            Assert.Equal("data: done\n", await answer.Content.ReadAsStringAsync(Token));
        });

    [Fact]
    public Task A_grpc_stream_lives_on_and_a_silent_call_does_not() =>
        WithSomeTimeAsync(async time =>
        {
            await using var service = await GrpcEchoService.StartAsync();
            await using var system = await TestSystem.StartAsync(["--Kestrel:EndpointDefaults:Protocols=Http2"], $$"""
                ReverseProxy:
                  Routes:
                    grpc: { ClusterId: grpc, AuthorizationPolicy: anonymous, Timeout: {{time}}, Match: { Path: "/gateway.tests.Echo/{**method}" } }
                  Clusters:
                    grpc: { HttpRequest: { Version: "2", VersionPolicy: RequestVersionExact }, Destinations: { a: { Address: "{{service.Url}}" } } }
                """);
            using var channel = GrpcChannel.ForAddress(system.Url);
            var client = new Echo.EchoClient(channel);
            using var stream = client.Duplex(cancellationToken: Token);
            await stream.RequestStream.WriteAsync(new() { Text = "one" }, Token);
            Assert.True(await stream.ResponseStream.MoveNext(Token));

            // As long as the stream's time, and begun after it.
            var silent = await Assert.ThrowsAsync<RpcException>(
                () => client.UnaryAsync(new() { Hang = true }, cancellationToken: Token).ResponseAsync);

            Assert.Equal(StatusCode.Unavailable, silent.StatusCode);
            await service.Cancelled.WaitAsync(Token);
            await stream.RequestStream.WriteAsync(new() { Text = "two" }, Token);
            Assert.True(await stream.ResponseStream.MoveNext(Token));
            Assert.Equal("two", stream.ResponseStream.Current.Text);
        });

    [Fact]
    public async Task A_time_reloads_with_its_route()
    {
        await using var slow = await SlowService.StartAsync();
        await using var system = await StartAsync(slow);

        await system.WriteConfigAsync(
            Filled(slow).Replace("long: { Timeout: 1h }", "long: { Timeout: 100ms }", StringComparison.Ordinal));

        await TestSystem.UntilAsync(async () =>
        {
            using var client = system.NewClient();
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                return (await client.GetAsync("/long/silent", limit.Token)).StatusCode is HttpStatusCode.GatewayTimeout;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        });
    }

    /// <summary>
    /// A request that is given up after the same time, and was begun later than what is to live on.
    /// </summary>
    private static async Task PastTheTimeAsync(TestSystem system)
    {
        using var client = system.NewClient();
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await client.GetAsync("/stream/silent", Token)).StatusCode);
    }

    /// <summary>
    /// ASP.NET Core counts the time by the machine's clock, and a busy machine may not begin a stream in a short one: then a
    /// longer one is tried. What is cut off at its time fails with every one.
    /// </summary>
    private static async Task WithSomeTimeAsync(Func<string, Task> attempt)
    {
        foreach (var time in (string[])["1s", "6s"])
        {
            try
            {
                await attempt(time);
                return;
            }
            catch (Exception) when (!Token.IsCancellationRequested)
            {
                // the next is longer
            }
        }
        await attempt("30s");
    }

    private static string Filled(SlowService slow, string time = "1s") => Yaml
        .Replace("{slow}", slow.Url.ToString(), StringComparison.Ordinal)
        .Replace("{time}", time, StringComparison.Ordinal);

    private static Task<TestSystem> StartAsync(SlowService slow, string time) => TestSystem.StartAsync(yaml: Filled(slow, time));

    private static Task<TestSystem> StartAsync(SlowService slow, CapturedLog? log = null, params string[] args) =>
        TestSystem.StartAsync(
            [.. log is null ? [] : (string[])["--Logging:LogLevel:Default=Warning"], .. args],
            Filled(slow),
            customize: builder =>
            {
                if (log is not null)
                    builder.Logging.AddProvider(log);
            });
}
