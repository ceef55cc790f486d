using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Testcontainers.PostgreSql;

namespace Gateway.ContainerTests.Harness;

/// <summary>The classes whose tests share one <see cref="RunningSystem"/>, one test at a time.</summary>
[CollectionDefinition]
public sealed class SharedSystem : ICollectionFixture<RunningSystem>;

/// <summary>
/// compose's development stack in containers, with PostgreSQL and two replicas of the gateway. A test that stops a part starts it
/// again.
/// </summary>
public sealed class RunningSystem(Engine engine) : IAsyncLifetime
{
    private string? _missing;
    private Networks? _networks;
    private Database? _database;
    private GatewayContainer? _first;
    private GatewayContainer? _second;
    private IContainer? _hello;
    private IContainer? _world;
    private IContainer? _kratos;

    internal GatewayContainer Gateway => Started(_first);

    internal GatewayContainer OtherGateway => Started(_second);

    internal IContainer Hello => Started(_hello);

    /// <summary>DevKratos under the names of Kratos, its admin API and its pages.</summary>
    internal IContainer Kratos => Started(_kratos);

    internal PostgreSqlContainer Postgres => Started(_database).Container;

    /// <summary>Our own containers, by the names of their images.</summary>
    internal Dictionary<string, IContainer> Own => new()
    {
        ["gateway"] = Gateway.Container,
        ["hello"] = Hello,
        ["world"] = Started(_world),
        ["devkratos"] = Kratos,
    };

    internal Engine Engine => engine;

    public async ValueTask InitializeAsync()
    {
        _missing = await engine.MissingAsync();
        if (_missing is not null) return;
        await engine.ImagesAsync();
        _networks = await Networks.CreateAsync();
        _hello = Hardened.Service("hello", _networks);
        _world = Hardened.Service("world", _networks);
        _kratos = DevKratos();
        _database = new(engine, _networks);
        await Task.WhenAll(_hello.StartAsync(), _world.StartAsync(), _kratos.StartAsync(), _database.Container.StartAsync());
        var replicas = await Task.WhenAll(
            StartGatewayAsync(GatewayContainer.Configuration),
            StartGatewayAsync(GatewayContainer.Configuration));
        (_first, _second) = (replicas[0], replicas[1]);
    }

    /// <summary>Skips the test that asks where nothing could be started.</summary>
    internal RunningSystem Required()
    {
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return this;
    }

    /// <summary>A replica that the test may stop, and disposes.</summary>
    internal Task<GatewayContainer> StartGatewayAsync(string configuration) =>
        GatewayContainer.StartAsync(engine, Started(_networks), configuration);

    public async ValueTask DisposeAsync()
    {
        IAsyncDisposable?[] containers = [_first, _second, _hello, _world, _kratos, _database?.Container];
        await Task.WhenAll(containers.OfType<IAsyncDisposable>().Select(c => c.DisposeAsync().AsTask()));
        if (_networks is not null)
            await _networks.DisposeAsync();
    }

    private IContainer DevKratos() =>
        Hardened.Container(Images.Named("devkratos"))
            .WithNetwork(Started(_networks).Identity)
            .WithNetworkAliases("kratos", "kratos-admin", "ui")
            .WithCommand(
                "--ui-port=3000",
                $"--public-base-url={GatewayContainer.Origin}kratos/",
                $"--ui-base-url={GatewayContainer.Origin}auth")
            .WithWaitStrategy(Wait.ForUnixContainer().UntilInternalTcpPortIsAvailable(4433))
            .Build();

    private static T Started<T>(T? part) where T : class => part ?? throw new InvalidOperationException("not started");
}
