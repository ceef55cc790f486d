using Gateway.Decisions;
using Gateway.Forwarding.Mutators;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// Has sessions cached with their JSON from just before a load that needs it is in force, until one that does not.
/// </summary>
internal sealed class SessionJsonSwitch(SessionJsonNeed need) : IConfigChangeListener
{
    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        if (NeedsIt(proxyConfigs))
            need.IsNeeded = true;
    }

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => need.IsNeeded = NeedsIt(proxyConfigs);

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception)
    {
        // The last good one serves on.
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception)
    {
        // The last good one serves on.
    }

    private static bool NeedsIt(IReadOnlyList<IProxyConfig> proxyConfigs) => proxyConfigs
        .SelectMany(config => config.Routes)
        .Any(route => route.Metadata?.ContainsKey(RouteMutators.NeedsSessionKey) is true);
}
