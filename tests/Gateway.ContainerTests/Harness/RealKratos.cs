using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace Gateway.ContainerTests.Harness;

/// <summary>compose's stack with Ory Kratos itself: its migration, its server and its official login pages.</summary>
internal sealed class RealKratos : IAsyncDisposable
{
    private const string Config = "/etc/config/kratos/kratos.yaml";
    private const string Secret = "only-in-tests-0123456789-0123456";

    private readonly Networks _networks;
    private readonly List<IAsyncDisposable> _parts = [];

    private RealKratos(Networks networks) => _networks = networks;

    public GatewayContainer Gateway { get; private set; } = null!;

    /// <summary>compose's images.</summary>
    public static string KratosImage => "oryd/kratos:v26.2.0";

    public static string PagesImage => "oryd/kratos-selfservice-ui-node:v26.2.0";

    public static async Task<RealKratos> StartAsync(Engine engine)
    {
        await engine.ImagesAsync();
        var system = new RealKratos(await Networks.CreateAsync());
        try
        {
            await system.StartPartsAsync(engine);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
            await part.DisposeAsync();
        await _networks.DisposeAsync();
    }

    private async Task StartPartsAsync(Engine engine)
    {
        await Kept(new Database(engine, _networks).Container).StartAsync();
        await MigrateAsync();
        await Kept(Server()).StartAsync();
        IContainer[] rest = [Pages(), Hardened.Service("hello", _networks), Hardened.Service("world", _networks)];
        await Task.WhenAll(rest.Select(container => Kept(container).StartAsync()));
        Gateway = Kept(await GatewayContainer.StartAsync(engine, _networks, GatewayContainer.Configuration));
    }

    private async Task MigrateAsync()
    {
        var migration = Kept(Kratos()
            .WithCommand("migrate", "sql", "up", "-e", "--yes", "-c", Config)
            .WithWaitStrategy(Wait.ForUnixContainer()
                .AddCustomWaitStrategy(new Ended(), strategy => strategy.WithMode(WaitStrategyMode.OneShot)))
            .Build());
        await migration.StartAsync();
        var (output, error) = await migration.GetLogsAsync();
        Assert.True(await migration.GetExitCodeAsync() == 0, output + error);
    }

    private IContainer Server() =>
        Kratos()
            .WithNetworkAliases("kratos", "kratos-admin")
            .WithCommand("serve", "-c", Config, "--watch-courier")
            .WithWaitStrategy(Wait.ForUnixContainer()
                .UntilCommandIsCompleted("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:4433/health/ready"))
            .Build();

    private IContainer Pages() =>
        Hardened.Container(PagesImage)
            .WithNetwork(_networks.Identity)
            .WithNetworkAliases("ui")
            .WithEntrypoint("node", "lib/index.js")
            .WithEnvironment("PORT", "3000")
            .WithEnvironment("BASE_PATH", "/auth")
            .WithEnvironment("KRATOS_PUBLIC_URL", "http://kratos:4433")
            .WithEnvironment("KRATOS_BROWSER_URL", $"{GatewayContainer.Origin}kratos")
            .WithEnvironment("COOKIE_SECRET", Secret)
            .WithEnvironment("CSRF_COOKIE_NAME", "ui_csrf")
            .WithEnvironment("CSRF_COOKIE_SECRET", Secret)
            .WithEnvironment("DANGEROUSLY_DISABLE_SECURE_CSRF_COOKIES", "true")
            .Build();

    private ContainerBuilder Kratos()
    {
        var pages = $"{GatewayContainer.Origin}auth";
        return Hardened.Container(KratosImage)
            .WithNetwork(_networks.Identity)
            .WithBindMount(Path.Combine(Images.Root, "deploy/compose/kratos"), "/etc/config/kratos", AccessMode.ReadOnly)
            .WithEnvironment(new Dictionary<string, string>
            {
                ["DSN"] = Database.KratosUrl,
                ["SECRETS_COOKIE"] = Secret,
                ["SECRETS_CIPHER"] = Secret,
                ["SECRETS_DEFAULT"] = Secret,
                ["COURIER_SMTP_CONNECTION_URI"] = "smtp://mail:1025/?disable_starttls=true",
                ["SERVE_PUBLIC_BASE_URL"] = $"{GatewayContainer.Origin}kratos/",
                ["COOKIES_SECURE"] = "false",
                ["SESSION_COOKIE_SECURE"] = "false",
                ["SELFSERVICE_DEFAULT_BROWSER_RETURN_URL"] = $"{pages}/welcome",
                ["SELFSERVICE_ALLOWED_RETURN_URLS"] = GatewayContainer.Origin.GetLeftPart(UriPartial.Authority),
                ["SELFSERVICE_FLOWS_ERROR_UI_URL"] = $"{pages}/error",
                ["SELFSERVICE_FLOWS_LOGIN_UI_URL"] = $"{pages}/login",
                ["SELFSERVICE_FLOWS_REGISTRATION_UI_URL"] = $"{pages}/registration",
                ["SELFSERVICE_FLOWS_SETTINGS_UI_URL"] = $"{pages}/settings",
                ["SELFSERVICE_FLOWS_RECOVERY_UI_URL"] = $"{pages}/recovery",
                ["SELFSERVICE_FLOWS_VERIFICATION_UI_URL"] = $"{pages}/verification",
                ["SELFSERVICE_FLOWS_LOGOUT_AFTER_DEFAULT_BROWSER_RETURN_URL"] = $"{pages}/login",
            });
    }

    /// <summary>Disposed in the end, the last one first.</summary>
    private T Kept<T>(T part) where T : IAsyncDisposable
    {
        _parts.Insert(0, part);
        return part;
    }

    private sealed class Ended : IWaitUntil
    {
        public Task<bool> UntilAsync(IContainer container) => Task.FromResult(container.State == TestcontainersStates.Exited);
    }
}
