using Microsoft.AspNetCore.HttpOverrides;

namespace Gateway.Network;

/// <summary>Whose <c>X-Forwarded-*</c> are believed.</summary>
internal static class TrustedProxies
{
    public static void AddTrustedProxies(this IServiceCollection services, NetworkOptions network)
    {
        // ASPNETCORE_FORWARDEDHEADERS_ENABLED would believe everybody, in front of the whole pipeline.
        foreach (var filter in services.Where(BelievesEverybody).ToArray())
            services.Remove(filter);
        if (network.TrustedProxies.Count > 0)
            services.Configure<ForwardedHeadersOptions>(options => Limit(options, network));
    }

    private static bool BelievesEverybody(ServiceDescriptor service) =>
        service.ServiceType == typeof(IStartupFilter) && service.ImplementationType?.Name is "ForwardedHeadersStartupFilter";

    private static void Limit(ForwardedHeadersOptions options, NetworkOptions network)
    {
        options.ForwardedHeaders =
            ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        options.ForwardLimit = null;
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var known in network.Networks)
            options.KnownIPNetworks.Add(known);
    }
}
