using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Output that is read slowly, later or never: no request waits for a log line, and none is lost uncounted.</summary>
public sealed class UnreadOutputTests : IDisposable
{
    /// <summary>More than wait for output (2,500, and as many being written) and fit into a pipe (64 kB).</summary>
    private const int Flood = 6000;

    private const int Clients = 8;

    private const string SimpleLine =
        @"^((info|warn): [\w.]+\[\d+\]|      (Request \S+ of route dead got .* first: Request|(Now|App|Host|Con|Output)[^{]+))$";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Has a port and does not listen: every connection to it is refused, and nobody else gets it meanwhile.</summary>
    private readonly Socket _dead = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private readonly ITestOutputHelper _report;

    public UnreadOutputTests(ITestOutputHelper report)
    {
        _report = report;
        _dead.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("simple", false)]
    [InlineData("simple", true)]
    [InlineData("json", true)]
    public async Task With_thousands_of_events_in_an_unread_pipe_all_are_served_and_it_stops(string formatter, bool accessLog)
    {
        await using var system = await StartSystemAsync();
        var session = await system.Kratos.SignInNewAsync();
        await using var gateway = await GatewayProcess.StartUnreadAsync(
            system, Formatter(formatter), "--ShutdownTimeoutSeconds=5", $"--AccessLog:Enabled={accessLog}");
        using var flooded = new CancellationTokenSource();

        var people = Enumerable.Range(0, 2).Select(_ => BrowseAsync(gateway, session.CookieHeader, flooded.Token)).ToArray();
        await FloodAsync(gateway, Flood, () => Task.CompletedTask);
        await flooded.CancelAsync();
        var times = (await Task.WhenAll(people)).SelectMany(t => t).ToArray();
        var ready = await gateway.Client.GetAsync(new Uri(gateway.Management, "/health/ready")).WaitAsync(Limit, Cancelled);
        var dropped = await DroppedAsync(gateway);
        var stopping = Stopwatch.StartNew();
        var exitCode = await gateway.TerminateAsync();

        _report.WriteLine($"{times.Length} signed-in requests, the slowest {times.Max().TotalMilliseconds:0} ms");
        _report.WriteLine($"{dropped} events dropped; stopped after {stopping.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.InRange(dropped, 1, Flood);
        Assert.Equal(0, exitCode);
        var left = await ReadToEndAsync(gateway.Output);
        Assert.EndsWith("\n", left, StringComparison.Ordinal);
        AssertWholeLines(left, formatter);
    }

    [Theory]
    [InlineData("simple", 0)]
    [InlineData("json", 0)]
    [InlineData("simple", 100)]
    [InlineData("json", 100)]
    public async Task A_reader_that_is_slow_or_comes_back_finds_whole_lines_and_their_count(string formatter, int bytesPerAnswer)
    {
        await using var system = await StartSystemAsync();
        await using var gateway = await GatewayProcess.StartUnreadAsync(
            system, Formatter(formatter), "--AccessLog:Enabled=true", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=None");
        var seen = new MemoryStream();
        var one = new SemaphoreSlim(1);

        await FloodAsync(gateway, Flood, async () =>
        {
            if (bytesPerAnswer == 0) return;
            await one.WaitAsync(Cancelled);
            var part = new byte[bytesPerAnswer];
            seen.Write(part, 0, await gateway.Output.ReadAsync(part, Cancelled));
            one.Release();
        });
        var back = ReadToEndAsync(gateway.Output);
        var sent = Flood;
        var dropped = 0L;
        await TestSystem.UntilAsync(async () =>
        {
            var before = dropped;
            await FloodAsync(gateway, Clients, () => Task.CompletedTask);
            sent += Clients;
            dropped = await DroppedAsync(gateway);
            return dropped == before; // there is room again
        });
        Assert.Equal(0, await gateway.TerminateAsync());

        var output = Encoding.UTF8.GetString(seen.ToArray()) + await back;
        AssertWholeLines(output, formatter);
        Assert.Equal(dropped > 0, output.Contains("Output could not keep up: ", StringComparison.Ordinal));
        if (bytesPerAnswer == 0)
            Assert.NotEqual(0, dropped);
        var written = output.Split("got no answer from destination first: Request").Length - 1;
        Assert.InRange(written + dropped, sent, sent + 10); // the line that says so may be dropped itself
    }

    [Fact]
    public async Task A_reader_that_has_gone_for_good_takes_nobody_with_it()
    {
        await using var system = await StartSystemAsync();
        await using var gateway = await GatewayProcess.StartUnreadAsync(system, "--AccessLog:Enabled=true");

        await gateway.Output.DisposeAsync();
        await FloodAsync(gateway, 500, () => Task.CompletedTask);

        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public async Task A_start_that_fails_ends_also_where_nobody_reads_why() =>
        Assert.Equal(1, await GatewayCommand.RunUnreadAsync("--Kratos:PublicUrl=nonsense"));

    public void Dispose() => _dead.Dispose();

    private static string Formatter(string name) => $"--Logging:Console:FormatterName={name}";

    private Task<TestSystem> StartSystemAsync() => TestSystem.StartAsync(yaml: $$"""
        ReverseProxy:
          Routes:
            private: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: "/private/{**rest}" } }
            dead: { ClusterId: dead, AuthorizationPolicy: anonymous, Match: { Path: "/dead/{**rest}" } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
            dead: { Destinations: { first: { Address: "http://{{_dead.LocalEndPoint}}/" } } }
        """);

    /// <summary>Requests that log an event each.</summary>
    private static Task FloodAsync(GatewayProcess gateway, int count, Func<Task> afterEach)
    {
        return Task.WhenAll(Enumerable.Range(0, Clients).Select(RunAsync));

        async Task RunAsync(int client)
        {
            for (var i = client; i < count; i += Clients)
            {
                var answer = await gateway.Client.GetAsync(new Uri("/dead/x", UriKind.Relative)).WaitAsync(Limit, Cancelled);
                Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
                await afterEach();
            }
        }
    }

    private static async Task<IEnumerable<TimeSpan>> BrowseAsync(GatewayProcess gateway, string cookie, CancellationToken until)
    {
        var times = new ConcurrentQueue<TimeSpan>();
        while (!until.IsCancellationRequested)
        {
            var time = Stopwatch.StartNew();
            var answer = await gateway.GetAsync("/private/x", cookie).WaitAsync(Limit, Cancelled);
            times.Enqueue(time.Elapsed);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        return times;
    }

    private static async Task<long> DroppedAsync(GatewayProcess gateway)
    {
        var text = await gateway.Client.GetStringAsync(new Uri(gateway.Management, "/metrics")).WaitAsync(Limit, Cancelled);
        var line = text.Split('\n').Single(l => l.StartsWith("gateway_log_dropped_total ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static async Task<string> ReadToEndAsync(Stream output)
    {
        using var reader = new StreamReader(output);
        return await reader.ReadToEndAsync(Cancelled);
    }

    /// <summary>Every line is a JSON object, or one of the simple formatter's, from its first to its last character.</summary>
    private static void AssertWholeLines(string text, string formatter)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] is '{')
                JsonDocument.Parse(line).Dispose();
            else if (formatter is "simple")
                Assert.Matches(SimpleLine, line);
            else
                Assert.Fail($"no JSON: {line}");
        }
    }
}
