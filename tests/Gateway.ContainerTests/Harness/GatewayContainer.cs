using System.Net.Sockets;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace Gateway.ContainerTests.Harness;

/// <summary>
/// A replica of the gateway in all three networks. Its port is published on a free one of 127.0.0.1; clients call every replica
/// by the same <see cref="Origin"/>, as behind a balancer.
/// </summary>
internal sealed class GatewayContainer : IAsyncDisposable
{
    /// <summary>What a browser's address bar shows; Kratos is told the same.</summary>
    public static readonly Uri Origin = new("http://127.0.0.1:8000");

    private const int Port = 8000;

    private GatewayContainer(IContainer container) => Container = container;

    public IContainer Container { get; }

    /// <summary>compose's configuration of the gateway.</summary>
    public static string Configuration { get; } = Path.Combine(Images.Root, "deploy/compose/gateway");

    /// <summary>Returns when Kratos answers through it.</summary>
    /// <param name="configuration">The folder of <c>gateway.yaml</c>, as the container sees it.</param>
    public static async Task<GatewayContainer> StartAsync(Engine engine, Networks networks, string configuration)
    {
        var container = Hardened.Container(Images.Named("gateway"))
            .WithNetwork(networks.Edge)
            .WithPortBinding(Port, assignRandomHostPort: true)
            .WithBindMount(configuration, "/etc/gateway", AccessMode.ReadOnly)
            .WithBindMount(Path.Combine(Images.Root, "deploy"), "/deploy", AccessMode.ReadOnly)
            .WithEnvironment("GATEWAY_CONFIG", "/etc/gateway/gateway.yaml")
            .WithEnvironment("Management__Url", "http://127.0.0.1:8001")
            // As in the development stack: the key of the identity token makes itself.
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development")
            .WithEnvironment("IdentityToken__SigningKeys__0__File", "/tmp/identity-token.pem")
            .WithEnvironment("Replication__ConnectionString", Database.ConnectionString)
            // So long that no test takes an entry's end for a revocation.
            .WithEnvironment("Sessions__CacheDuration", "00:10:00")
            .WithStartupCallback(async (started, _) =>
            {
                await engine.ConnectAsync(started, networks.Services);
                await engine.ConnectAsync(started, networks.Identity);
            })
            .WithWaitStrategy(Wait.ForUnixContainer()
                .UntilHttpRequestIsSucceeded(request => request.ForPort(Port).ForPath("/kratos/health/ready")))
            .Build();
        var gateway = new GatewayContainer(container);
        await container.StartAsync();
        return gateway;
    }

    /// <summary>A client of this replica for requests to <see cref="Origin"/>: never follows redirects.</summary>
    public HttpClient NewClient(bool cookies) =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = cookies,
            UseProxy = false,
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(Container.Hostname, Container.GetMappedPublicPort(Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = Origin,
        };

    /// <summary>Waits for the connection over which revocations come.</summary>
    public Task UntilReplicationAsync() => Until.TrueAsync(async () =>
        (await MetricsAsync()).Contains("gateway_replication_connected 1", StringComparison.Ordinal));

    /// <summary>Runs a program in the container.</summary>
    public Task<ExecResult> RunAsync(params string[] command) => Container.ExecAsync(command);

    public ValueTask DisposeAsync() => Container.DisposeAsync();

    private async Task<string> MetricsAsync()
    {
        const string Request = "GET /metrics HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n";
        var result = await RunAsync("bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/8001; printf '{Request}' >&3; cat <&3");
        return result.Stdout;
    }
}
