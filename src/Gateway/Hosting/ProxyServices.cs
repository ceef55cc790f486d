using Gateway.Forwarding;
using Gateway.Forwarding.Mutators;
using Gateway.Routes;
using Gateway.Targets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Hosting;

/// <summary>
/// Routing and YARP. The running gateway and the trial of each load (<see cref="RouteTrial"/>) are both composed here, so
/// that what the trial has built the gateway can build.
/// </summary>
internal static class ProxyServices
{
    public static void AddProxy(this IServiceCollection services, RouteTable table)
    {
        services.AddRouting();
        services.AddSingleton<MatcherPolicy, AmbiguousRoutePolicy>();
        services.AddReverseProxy().LoadFromMemory(table.Routes, table.Clusters);
        HostMatcher.Replace(services);
        services.AddSingleton<UnsentValues>();
        services.AddSingleton<RouteMutators>();
        var yarp = services.Single(service => service.ServiceType == typeof(ITransformBuilder)).ImplementationType!;
        services.AddKeyedSingleton(typeof(ITransformBuilder), TransformerFactory.Yarp, yarp);
        services.Replace(ServiceDescriptor.Singleton<ITransformBuilder, TransformerFactory>());
    }
}
