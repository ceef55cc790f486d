using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Networks;
using Gateway.ContainerTests.Harness;

[assembly: AssemblyFixture(typeof(Engine))]

namespace Gateway.ContainerTests.Harness;

/// <summary>
/// The docker engine that Testcontainers finds (<c>DOCKER_HOST</c> or a usual socket), and the product's images on it. Without
/// an engine, or an image that the tests begin with, they are skipped with the reason.
/// </summary>
public sealed class Engine : IAsyncLifetime
{
    private readonly Lazy<Task> _images = new(Images.BuildAsync);
    private DockerClient? _docker;
    private string? _missing;

    /// <summary>The engine's own API, for what Testcontainers does not offer.</summary>
    internal IDockerClient Docker => _docker ?? throw new InvalidOperationException(_missing);

    private static string? NamedHost => Environment.GetEnvironmentVariable("DOCKER_HOST");

    /// <summary>Builds the four images, once.</summary>
    internal Task ImagesAsync() => _images.Value;

    public async ValueTask InitializeAsync()
    {
        // Before the first use of Testcontainers, which reads them once. Ryuk, which removes what a killed run left behind, is an
        // image to pull.
        SetDefault("TESTCONTAINERS_RYUK_DISABLED", "true");
        SetDefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
        if (await OlderApiAsync() is { } version)
            SetDefault("DOCKER_API_VERSION", version);
        Connect();
    }

    /// <summary>
    /// Puts a container that has just started into another network. An engine before 25 takes one network when it makes a
    /// container.
    /// </summary>
    internal async Task ConnectAsync(IContainer container, INetwork network, params string[] aliases)
    {
        var inspected = await Docker.Containers.InspectContainerAsync(container.Id);
        // It is there already when the container starts once more.
        if (inspected.NetworkSettings!.Networks!.ContainsKey(network.Name)) return;
        await Docker.Networks.ConnectNetworkAsync(
            network.Name,
            new() { Container = container.Id, EndpointConfig = new() { Aliases = aliases } });
    }

    /// <summary>Why nothing can be tested here: no engine, or an image that is neither on it nor to be pulled.</summary>
    /// <returns>Null where everything is there.</returns>
    internal async Task<string?> MissingAsync(params string[] others)
    {
        string[] images = [Images.SdkImage, Images.RuntimeImage, Images.PostgresImage, .. others];
        var missing = _missing;
        foreach (var image in images)
            missing ??= await MissingImageAsync(image);
        return missing;
    }

    public ValueTask DisposeAsync()
    {
        _docker?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Connect()
    {
        TestcontainersSettings.WaitStrategyInterval = TimeSpan.FromMilliseconds(200);
        TestcontainersSettings.WaitStrategyTimeout = TimeSpan.FromMinutes(3);
        if (TestcontainersSettings.OS.DockerEndpointAuthConfig is { } endpoint)
            _docker = endpoint.GetDockerClientBuilder().Build();
        else
            _missing = $"no docker engine answers (DOCKER_HOST: {NamedHost ?? "not set"})";
    }

    private async Task<string?> MissingImageAsync(string image)
    {
        try
        {
            await Docker.Images.InspectImageAsync(image);
            return null;
        }
        catch (DockerImageNotFoundException)
        {
            return await PullAsync(image);
        }
    }

    private async Task<string?> PullAsync(string image)
    {
        try
        {
            await Docker.Images.CreateImageAsync(new() { FromImage = image }, null, new Progress<JSONMessage>());
            await Docker.Images.InspectImageAsync(image);
            return null;
        }
        catch (DockerApiException e)
        {
            return $"{image} cannot be pulled: {e.Message}";
        }
    }

    private static void SetDefault(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
            Environment.SetEnvironmentVariable(name, value);
    }

    /// <summary>
    /// The API version of an engine that is older than the one Testcontainers speaks by itself (1.44; Debian 12's has 1.41).
    /// A newer engine refuses 1.41 in its turn, so this cannot be a constant.
    /// </summary>
    private static async Task<string?> OlderApiAsync()
    {
        var named = NamedHost ?? "unix:///var/run/docker.sock";
        if (!Uri.TryCreate(named, UriKind.Absolute, out var host) || host.Scheme != "unix") return null;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.LocalPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        try
        {
            var version = await client.GetFromJsonAsync<JsonElement>(new Uri("http://engine/version"));
            var api = version.GetProperty("ApiVersion").GetString()!;
            return System.Version.Parse(api) < new System.Version(1, 44) ? api : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
