using DevKratos;
using DevKratos.Core;
using Gateway.Hosting;

namespace Quickstart;

/// <summary>
/// The whole system in this process: both services, DevKratos unless the person has a Kratos, and the gateway, all on
/// loopback.
/// </summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    /// <summary>An unfinished request does not hold up the end for longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly string[] Quiet =
        ["--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Warning"];

    private readonly List<WebApplication> _apps = [];
    private readonly LaunchOptions _options;
    private WebApplication? _gateway;

    private RunningSystem(LaunchOptions options) => _options = options;

    /// <summary>Where everything listens, every 0 replaced.</summary>
    public Ports Ports { get; private set; } = Ports.Free;

    public Uri Origin => new($"http://127.0.0.1:{Ports.Gateway}");

    /// <summary>Null when the person has a Kratos of their own.</summary>
    public DevKratosServer? Kratos { get; private set; }

    /// <summary>Where the gateway publishes Kratos; empty: nowhere.</summary>
    public string KratosPath { get; private set; } = "/kratos";

    /// <summary>Kratos' public API for a shell that has the gateway's address in <c>$gateway</c>.</summary>
    public string KratosForShell => KratosPath.Length > 0
        ? $"$gateway{KratosPath}"
        : $"{_options.KratosUrl ?? Kratos!.PublicUrl}".TrimEnd('/');

    /// <summary>Cancelled by every signal that ends a process in order, SIGQUIT included.</summary>
    public CancellationToken Stopping => _gateway!.Lifetime.ApplicationStopping;

    /// <summary>What there is to see, of what this gateway's configuration has.</summary>
    public Tour Tour { get; private set; } = Tour.Nothing;

    /// <summary>Starts everything, those that are asked first, so that each knows the others' addresses.</summary>
    /// <exception cref="IOException">A port was taken in the meantime.</exception>
    /// <exception cref="ConfigurationException">The configuration file has mistakes.</exception>
    public static async Task<RunningSystem> StartAsync(LaunchOptions options, CancellationToken cancellationToken)
    {
        var system = new RunningSystem(options);
        try
        {
            await system.StartAllAsync(cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        var wanted = _options.Ports;
        var hello = await StartAsync(HelloService.Program.Build(ServiceArguments(wanted.Hello)), cancellationToken);
        if (_options.KratosUrl is null)
            Kratos = await DevKratosServer.StartAsync(DevKratosOptionsFor(wanted), cancellationToken);
        Ports = wanted with
        {
            Hello = hello,
            World = wanted.World is 0 ? Ports.AnyFree() : wanted.World,
            KratosPublic = Kratos?.PublicUrl.Port ?? 0,
            KratosAdmin = Kratos?.AdminUrl.Port ?? 0,
            Ui = Kratos?.UiUrl.Port ?? wanted.Ui,
        };

        _gateway = GatewayApp.Build(GatewayArguments(), _options.ConfigPath);
        Ports = Ports with { Gateway = await StartAsync(_gateway, cancellationToken) };
        Ports = Ports with { Management = GatewayApp.ManagementAddress(_gateway).Port };
        // Behind the gateway, which says where its keys are and whose tokens it signs.
        string[] identity = WorldIdentity.Arguments(_gateway.Configuration, Origin);
        var world = WorldService.Program.Build([.. ServiceArguments(Ports.World), .. identity]);
        await StartAsync(world, cancellationToken);
        KratosPath = _gateway.Configuration["Kratos:Path"] ?? KratosPath;
        Tour = await Tour.OfAsync(this, _gateway, isShipped: _options.ConfigFile is null, isVerified: identity.Length > 0);
        if (Kratos is null) return;
        Kratos.PublicBaseUrl = KratosPath.Length > 0 ? new Uri(Origin, $"{KratosPath}/") : Kratos.PublicUrl;
        Kratos.UiBaseUrl = new Uri(Origin, "/auth");
        Kratos.WelcomeLinks = Tour.WelcomeLinks;
    }

    private static DevKratosOptions DevKratosOptionsFor(Ports wanted) => new()
    {
        PublicPort = wanted.KratosPublic,
        AdminPort = wanted.KratosAdmin,
        UiPort = wanted.Ui,
    };

    /// <summary>The services would read an appsettings.json where the person stands, which is not meant for them.</summary>
    private static string[] ServiceArguments(int port) =>
        [$"--urls=http://127.0.0.1:{port}", $"--contentRoot={AppContext.BaseDirectory}", .. Quiet];

    private string[] GatewayArguments() =>
    [
        $"--Urls=http://127.0.0.1:{Ports.Gateway}",
        $"--Management:Url=http://127.0.0.1:{Ports.Management}",
        $"--Kratos:PublicUrl={_options.KratosUrl ?? Kratos!.PublicUrl}",
        $"--SelfService:Url=http://127.0.0.1:{Ports.Ui}",
        $"--ReverseProxy:Clusters:hello:Destinations:a:Address=http://127.0.0.1:{Ports.Hello}",
        $"--ReverseProxy:Clusters:world:Destinations:a:Address=http://127.0.0.1:{Ports.World}",
        "--AccessLog:Enabled=false",
        // A key for the identity token that is not there is made.
        $"--environment={Environments.Development}",
        "--Network:DrainTime=00:00:00",
        .. Quiet,
    ];

    /// <summary>Starts it and says on which port it listens.</summary>
    private async Task<int> StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        _apps.Add(app);
        await app.StartAsync(cancellationToken);
        return new Uri(app.Urls.First()).Port;
    }

    /// <summary>Waits until the gateway says it is ready, which means that Kratos is; false after 15 seconds.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var ready = new Uri($"http://127.0.0.1:{Ports.Management}/health/ready");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var attempt = 0; attempt < 150; attempt++)
        {
            using var answer = await http.GetAsync(ready, cancellationToken);
            if (answer.IsSuccessStatusCode) return true;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
        return false;
    }

    /// <summary>Stops everything, the gateway first.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        foreach (var app in _apps.OrderByDescending(app => app == _gateway))
        {
            await app.StopAsync(limit.Token);
            await app.DisposeAsync();
        }
        if (Kratos is not null)
            await Kratos.DisposeAsync();
    }
}
