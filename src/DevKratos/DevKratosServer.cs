using DevKratos.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace DevKratos;

/// <summary>
/// A running stand-in for Ory Kratos, in this process: public API, admin API and pages, each on its own port, of loopback unless
/// told otherwise.
/// </summary>
public sealed partial class DevKratosServer : IAsyncDisposable
{
    private readonly KratosCore _core;
    private readonly IReadOnlyList<WebApplication> _apps;

    private DevKratosServer(KratosCore core, IReadOnlyList<WebApplication> apps)
    {
        _core = core;
        _apps = apps;
        (PublicUrl, AdminUrl, UiUrl) = (AddressOf(apps[0]), AddressOf(apps[1]), new Uri(AddressOf(apps[2]), "auth"));
    }

    /// <summary>Where the public API listens, ending in a slash.</summary>
    public Uri PublicUrl { get; }

    public Uri AdminUrl { get; }

    /// <summary>Where the pages listen, with their base path <c>/auth</c>.</summary>
    public Uri UiUrl { get; }

    /// <summary>
    /// The address browsers use for the public API. May be changed while running, when the gateway learns its port later.
    /// </summary>
    public Uri PublicBaseUrl
    {
        get => _core.PublicBase;
        set => _core.PublicBase = value;
    }

    /// <summary>The address browsers use for the pages.</summary>
    public Uri UiBaseUrl
    {
        get => _core.UiBase;
        set => _core.UiBase = value;
    }

    /// <summary>Where the welcome page leads to. May be changed while running, as the gateway's routes may.</summary>
    public IReadOnlyList<WelcomeLink> WelcomeLinks
    {
        get => _core.WelcomeLinks;
        set => _core.WelcomeLinks = value;
    }

    public DevKratosOptions Options => _core.Options;

    /// <summary>What tests break and count.</summary>
    public DevKratosFaults Faults => _core.Faults;

    /// <exception cref="InvalidOperationException">The environment is Production.</exception>
    /// <exception cref="IOException">A port is in use.</exception>
    public static async Task<DevKratosServer> StartAsync(DevKratosOptions options, CancellationToken cancellationToken = default)
    {
        RefuseProduction(options);
        var core = new KratosCore(options);
        Uri? publicUrl = null;
        List<WebApplication> apps =
        [
            Listeners.Public(core, options.PublicPort),
            Listeners.Admin(core, options.AdminPort),
            Listeners.Ui(core, options.UiPort, () => publicUrl!),
        ];
        try
        {
            foreach (var app in apps)
                await app.StartAsync(cancellationToken);
        }
        catch
        {
            foreach (var app in apps)
                await app.DisposeAsync();
            throw;
        }

        var server = new DevKratosServer(core, apps);
        publicUrl = server.PublicUrl;
        core.AdminBase = server.AdminUrl;
        core.PublicBase = options.PublicBaseUrl ?? server.PublicUrl;
        core.UiBase = options.UiBaseUrl ?? server.UiUrl;
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Hang = false;
        foreach (var app in _apps)
        {
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }

    private static void RefuseProduction(DevKratosOptions options)
    {
        string?[] named = options.Environment is { } given
            ? [given]
            :
            [
                Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT"),
                Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT"),
            ];
        if (named.Any(name => string.Equals(name, "Production", StringComparison.OrdinalIgnoreCase)))
            throw new InvalidOperationException(
                "DevKratos is for development and tests only and does not start in Production: use Ory Kratos.");
    }

    /// <summary>Every address is reached by loopback from here, whose name stands for it.</summary>
    private static Uri AddressOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()
            .Replace(
                "://0.0.0.0:",
                "://127.0.0.1:",
                StringComparison.Ordinal).Replace("://[::]:", "://127.0.0.1:", StringComparison.Ordinal)
                + "/");
}
