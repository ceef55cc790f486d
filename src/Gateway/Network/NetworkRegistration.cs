using System.Globalization;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Network;

internal static partial class NetworkRegistration
{
    public static void AddNetwork(this IServiceCollection services, NetworkOptions options)
    {
        services.AddTrustedProxies(options);
        services.AddSingleton(options);
        services.AddSingleton<Drain>();
        services.AddHostedService(sp => sp.GetRequiredService<Drain>());
        services.AddSingleton(sp => Slots(options, sp));
        services.AddSingleton<SocketTransportFactory>();
        services.Replace(ServiceDescriptor.Singleton<IConnectionListenerFactory, LimitedTransport>());
    }

    private static ConnectionSlots Slots(NetworkOptions options, IServiceProvider services)
    {
        var log = services.GetRequiredService<ILogger<ConnectionSlots>>();
        var files = OpenFiles.Limit();
        var allowed = OpenFiles.Connections(files);
        var most = options.MaxConnections ?? allowed;
        LogLimited(log, most, files?.ToString(CultureInfo.InvariantCulture) ?? "any number of");
        if (most > allowed)
            LogScarce(log, most, allowed);
        return new(most, services.GetRequiredService<TimeProvider>(), log);
    }

    [LoggerMessage(EventIds.ConnectionsLimited, LogLevel.Information,
        "Clients may have {Most} connections at once (Network:MaxConnections); the process may have {Files} files open")]
    private static partial void LogLimited(ILogger logger, int most, string files);

    [LoggerMessage(EventIds.FilesScarce, LogLevel.Warning,
        "Network:MaxConnections is {Most}, but the limit of open files is only enough for {Allowed} and their services': "
        + "raise it (ulimit -n), or all may be lost")]
    private static partial void LogScarce(ILogger logger, int most, int allowed);
}
