using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

internal static class RoutesRegistration
{
    /// <summary>Also of a gateway that is never started: what is explained reads sessions as well.</summary>
    public static void AddSessionJsonSwitch(this IServiceCollection services) =>
        services.AddSingleton<IConfigChangeListener, SessionJsonSwitch>();

    /// <summary>Takes a changed configuration over while running.</summary>
    public static void AddRouteReload(this IServiceCollection services, Func<IServiceProvider, RouteLoader> loader)
    {
        services.AddSingleton(loader);
        services.AddSingleton<RouteReload>();
        services.AddHostedService(sp => sp.GetRequiredService<RouteReload>());
        services.AddSingleton<IConfigChangeListener>(sp => sp.GetRequiredService<RouteReload>());
    }
}
