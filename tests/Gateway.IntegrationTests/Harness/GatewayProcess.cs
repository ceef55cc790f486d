using System.Diagnostics;

namespace Gateway.IntegrationTests.Harness;

/// <summary>The gateway as a process of its own, in front of a <see cref="TestSystem"/>'s Kratos and service.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;

    private GatewayProcess(Process process, Uri url, Uri management)
    {
        _process = process;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = url };
        Management = management;
    }

    public HttpClient Client { get; }

    public Uri Management { get; }

    public static async Task<GatewayProcess> StartAsync(TestSystem system, params string[] args)
    {
        var (port, management) = (Postgres.FreePort(), Postgres.FreePort());
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true"; // must change nothing: ForwardingTests
        string[] command =
        [
            typeof(GatewayApp).Assembly.Location, "--config", system.ConfigFile, $"--Urls=http://127.0.0.1:{port}", $"--Management:Url=http://127.0.0.1:{management}",
            $"--Kratos:PublicUrl={system.Kratos.PublicUrl}", "--Logging:LogLevel:Default=Warning", "--AccessLog:Enabled=false", .. args,
        ];
        foreach (var argument in command) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
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
        (await Client.GetStringAsync(new Uri(Management, "/metrics"))).Contains($"gateway_replication_connected {(connected ? 1 : 0)}", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
