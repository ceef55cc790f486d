using Gateway.Traffic.Cors;
using Gateway.Traffic.Timeouts;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Traffic;

internal static class TrafficRegistration
{
    public static void AddTraffic(this IServiceCollection services)
    {
        services.AddCors();
        services.AddSingleton<CorsPipeline>();
        services.Replace(ServiceDescriptor.Singleton<ICorsPolicyProvider, RouteCorsProvider>());
        services.Replace(ServiceDescriptor.Singleton<ICorsService, CorsAnswers>());
        services.AddRequestTimeouts();
    }

    /// <summary>The route's transformer, which hears its answers where its policies have something to do with them.</summary>
    public static HttpTransformer WithPolicies(this HttpTransformer transformer, RouteConfig route, CorsPipeline cors) =>
        RouteTimeout.Around(cors.Around(transformer, route), route);
}
