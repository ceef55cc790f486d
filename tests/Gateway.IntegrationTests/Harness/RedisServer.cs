using System.Diagnostics;
using StackExchange.Redis;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A Redis of Debian's package on a free loopback port, which keeps nothing on disk. Stop and start it at will.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-redis-").FullName;
    private readonly int _port = Postgres.FreePort();
    private Process? _server;

    public string ConnectionString => $"127.0.0.1:{_port}";

    /// <summary>Starts one; without the package the test is skipped, in CI it fails.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        if (!File.Exists(Program) && Environment.GetEnvironmentVariable("CI") is not "true")
            Assert.Skip("Redis (Debian's package redis-server) is not installed");
        var redis = new RedisServer();
        await redis.ResumeAsync();
        return redis;
    }

    public async Task ResumeAsync()
    {
        _server = Start(
            Program, "--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder);
        await TestSystem.UntilAsync(async () =>
        {
            try
            {
                await using var probe = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
                return probe.IsConnected;
            }
            catch (RedisConnectionException)
            {
                Assert.False(_server.HasExited, "redis-server ended at its start");
                return false;
            }
        });
    }

    /// <summary>It ends as a killed process does; what it held is lost.</summary>
    public async Task KillAsync()
    {
        if (_server is null) return;
        _server.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
        _server = null;
    }

    /// <summary>It takes connections and answers nothing, until <c>CONT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_server!.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Every key it holds.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(ConnectionString);
        return [.. redis.GetServers()[0].Keys().Select(key => key.ToString())];
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
