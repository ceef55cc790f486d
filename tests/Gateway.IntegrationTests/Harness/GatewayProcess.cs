using System.Diagnostics;
using Gateway.Hosting;

namespace Gateway.IntegrationTests.Harness;

/// <summary>The gateway as a process of its own, in front of a <see cref="TestSystem"/>'s Kratos and service.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;

    private GatewayProcess(Process process, Uri url, Uri management)
    {
        _process = process;
        Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
        {
            BaseAddress = url,
        };
        Management = management;
    }

    public HttpClient Client { get; }

    public Uri Url => Client.BaseAddress!;

    public Uri Management { get; }

    /// <summary>What the gateway writes, for those who started it with <see cref="StartUnreadAsync"/>.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    public static Task<GatewayProcess> StartAsync(TestSystem system, params string[] args) =>
        StartAsync(system, read: true, args);

    /// <summary>Started in another folder.</summary>
    public static Task<GatewayProcess> StartInAsync(string folder, TestSystem system, params string[] args) =>
        StartAsync(system, read: true, args, folder);

    /// <summary>Nobody reads its standard output and error: once the pipes are full, a write to them does not return.</summary>
    public static Task<GatewayProcess> StartUnreadAsync(TestSystem system, params string[] args) =>
        StartAsync(system, read: false, args);

    /// <summary>It may have so many files and sockets open.</summary>
    public static Task<GatewayProcess> StartLimitedAsync(int files, TestSystem system, params string[] args) =>
        StartAsync(system, read: true, args, files: files);

    private static async Task<GatewayProcess> StartAsync(
        TestSystem system, bool read, string[] args, string folder = "", int? files = null)
    {
        var (port, management) = (Postgres.FreePort(), Postgres.FreePort());
        var start = new ProcessStartInfo(files is null ? "dotnet" : "prlimit")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true"; // must change nothing: ForwardingTests
        string[] command =
        [
            .. files is null ? Array.Empty<string>() : [$"--nofile={files}", "dotnet"],
            typeof(GatewayApp).Assembly.Location, "--config", system.ConfigFile, $"--Urls=http://127.0.0.1:{port}",
            $"--Management:Url=http://127.0.0.1:{management}",
            $"--Kratos:PublicUrl={system.Kratos.PublicUrl}", "--Logging:LogLevel:Default=Warning", "--AccessLog:Enabled=false",
            "--Network:DrainTime=00:00:00", .. args,
        ];
        foreach (var argument in command)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        if (read)
        {
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }
        var gateway = new GatewayProcess(process, new($"http://127.0.0.1:{port}"), new($"http://127.0.0.1:{management}"));
        await TestSystem.UntilAsync(async () =>
        {
            Assert.False(process.HasExited, "the gateway ended at its start");
            try
            {
                return (await gateway.Client.GetAsync(new Uri(gateway.Management, "/health/ready"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return gateway;
    }

    public async Task<HttpResponseMessage> GetAsync(string path, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        return await Client.SendAsync(request);
    }

    /// <summary>Waits until the management port's readiness mentions, or no longer mentions, replication.</summary>
    public Task UntilReplicationAsync(bool connected) => TestSystem.UntilAsync(async () =>
        (await Client.GetStringAsync(new Uri(Management, "/metrics"))).Contains(
            $"gateway_replication_connected {(connected ? 1 : 0)}",
            StringComparison.Ordinal));

    /// <summary>Sends SIGTERM and waits for the end, for half a minute at most.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
