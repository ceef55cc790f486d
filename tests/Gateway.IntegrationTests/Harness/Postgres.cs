using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A PostgreSQL server of Debian's package in a folder of its own, on a free loopback port. Stop and start it at will.
/// </summary>
internal sealed class Postgres : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-postgres-").FullName;
    private const int FirstPort = 20_000;
    private const int Ports = 12_000;
    private static int _nextPort = Random.Shared.Next(Ports);

    private readonly string _bin;
    private Process? _server;

    private Postgres(string bin, int port) => (_bin, Port) = (bin, port);

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=gateway;Database=postgres";

    /// <summary>Starts one; without the package the test is skipped, in CI it fails.</summary>
    public static async Task<Postgres> StartAsync()
    {
        var bin = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .Select(version => Path.Combine(version, "bin"))
                .Where(b => File.Exists(Path.Combine(b, "initdb")))
                .Max()
            : null;
        if (bin is null && Environment.GetEnvironmentVariable("CI") is not "true")
            Assert.Skip("PostgreSQL (Debian's package postgresql) is not installed");
        Assert.NotNull(bin);

        var postgres = new Postgres(bin, FreePort());
        var data = Path.Combine(postgres._folder, "data");
        Directory.CreateDirectory(data);
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "-R", "postgres", postgres._folder);
        await RunAsync([.. postgres.AsServerUser("initdb"), "-D", data, "-A", "trust", "-U", "gateway", "--no-sync"]);
        await postgres.ResumeAsync();
        return postgres;
    }

    public async Task ResumeAsync()
    {
        _server = Start([
            .. AsServerUser("postgres"), "-D", Path.Combine(_folder, "data"), "-p", $"{Port}",
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
        ]);
        await TestSystem.UntilAsync(async () =>
        {
            using var probe = Start([
                Path.Combine(_bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "gateway",
            ]);
            await probe.WaitForExitAsync();
            return probe.ExitCode == 0;
        });
    }

    /// <summary>Fast shutdown: clients are cut off.</summary>
    public async Task StopAsync()
    {
        if (_server is null) return;
        var pid = (await File.ReadAllLinesAsync(Path.Combine(_folder, "data", "postmaster.pid")))[0];
        await RunAsync("kill", "-INT", pid);
        await _server.WaitForExitAsync();
        _server.Dispose();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>
    /// A port that nobody listens on, below the range that the system gives out for port 0 (32768 and up): no other server takes
    /// it before it is used.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = FirstPort + Interlocked.Increment(ref _nextPort) % Ports;
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private string[] AsServerUser(string program) =>
        Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--clear-groups", Path.Combine(_bin, program)]
            : [Path.Combine(_bin, program)];

    private static Process Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in command[1..])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command[0]} failed with {process.ExitCode}");
    }
}
