using System.Net;
using System.Net.Http.Json;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.BrowserTests.Harness;

namespace Gateway.BrowserTests.Quickstart;

/// <summary>The command as a process of its own.</summary>
public sealed class CommandTests(Stage stage)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_follows_the_guide_from_the_first_address_to_the_answer_of_hello()
    {
        Chromium.RequireInstalled();
        await using var quickstart = await QuickstartProcess.Start(QuickstartProcess.FreePorts).ReadyAsync();
        await using var ann = await stage.VisitorAsync(quickstart.Origin);
        await ann.OpenAsync("/hello");
        await ann.SignUpAsync();
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task The_guide_names_addresses_that_answer_and_every_listener_is_on_loopback_only()
    {
        await using var quickstart = await QuickstartProcess.Start(QuickstartProcess.FreePorts).ReadyAsync();
        Assert.Equal(
            """{"message":"Hello microservice"}""",
            await Http.GetStringAsync(new Uri(quickstart.AddressOf("HelloService"), "/hello"), Token));
        Assert.Equal(
            """{"message":"World microservice"}""",
            await Http.GetStringAsync(new Uri(quickstart.AddressOf("WorldService"), "/world"), Token));
        var ready = new Uri(quickstart.AddressOf("Gateway management"), "/health/ready");
        Assert.Equal("ok", (await Http.GetFromJsonAsync<JsonElement>(ready, Token)).GetProperty("status").GetString());
        Assert.Contains(
            "Sign in",
            await Http.GetStringAsync(new Uri(quickstart.AddressOf("Login pages"), "/auth/welcome"), Token),
            StringComparison.Ordinal);
        using (var answer = await Http.GetAsync(new Uri(quickstart.Origin, "/hello"), Token))
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        using (var answer = await Http.GetAsync(new Uri(quickstart.AddressOf("Kratos (DevKratos)"), "/health/ready"), Token))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        var ports = quickstart.Ports();
        Assert.Equal(7, ports.Length);
        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Where(l => ports.Contains(l.Port))
            .ToList();
        Assert.Equal(7, listeners.Count);
        Assert.All(listeners, listener => Assert.Equal(IPAddress.Loopback, listener.Address));
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task A_signal_stops_everything_frees_the_ports_and_counts_as_success(PosixSignal signal)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no signals to send");
        await using var quickstart = await QuickstartProcess.Start(QuickstartProcess.FreePorts).ReadyAsync();
        // An idle connection, as a browser keeps it open, holds up nothing.
        using var idle = new TcpClient();
        await idle.ConnectAsync(IPAddress.Loopback, quickstart.Origin.Port, Token);

        await quickstart.SignalAsync(signal);

        Assert.Equal((0, "", ""), await quickstart.EndAsync());
        var ports = quickstart.Ports();
        // A free port may be somebody else's by now, for the time of another test.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Listeners().Any(l => ports.Contains(l.Port)))
            await timer.WaitForNextTickAsync(limit.Token);

        static IPEndPoint[] Listeners() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
    }

    [Fact]
    public async Task A_busy_port_is_one_line_on_stderr_with_the_port_and_its_flag()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var quickstart = QuickstartProcess.Start(
            [.. QuickstartProcess.FreePorts.Select(p => p == "--world-port=0" ? $"--world-port={port}" : p)]);
        var (exitCode, output, errors) = await quickstart.EndAsync();
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal(
            $"Port {port} is in use: stop the program that uses it, or choose another with --world-port (0 takes a free one).",
            Assert.Single(errors.TrimEnd().Split('\n')));
    }

    [Theory]
    [InlineData("--kratos-public-url", "kratos")]
    [InlineData("--kratos-public-url", "http://")]
    [InlineData("--kratos-public-url", "")]
    [InlineData("--world-port", "many")]
    [InlineData("--world-prot", "1")]
    [InlineData("--config", "no-such-file.yaml")]
    public async Task What_makes_no_sense_on_the_command_line_is_told_by_name_and_without_a_stack_trace(string flag, string value)
    {
        await using var quickstart = QuickstartProcess.Start(flag, value);
        var (exitCode, _, errors) = await quickstart.EndAsync();
        Assert.Equal(1, exitCode);
        Assert.Contains(flag, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
