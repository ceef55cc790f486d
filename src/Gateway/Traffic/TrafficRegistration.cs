using Gateway.Sessions.Cache;
using Gateway.Sessions.Revocations;
using Gateway.Traffic.Cors;
using Gateway.Traffic.Streams;
using Gateway.Traffic.Timeouts;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Traffic;

internal static class TrafficRegistration
{
    public static void AddTraffic(this IServiceCollection services, StreamOptions streams)
    {
        services.AddSingleton(streams);
        services.AddSingleton<StreamMetrics>();
        services.AddSingleton(OpenStreams);
        services.AddCors();
        services.AddSingleton<CorsPipeline>();
        services.Replace(ServiceDescriptor.Singleton<ICorsPolicyProvider, RouteCorsProvider>());
        services.Replace(ServiceDescriptor.Singleton<ICorsService, CorsAnswers>());
        services.AddRequestTimeouts();
    }

    /// <summary>Streams that hear of every revocation, of those that may have been missed, and of the gateway's end.</summary>
    private static OpenStreams OpenStreams(IServiceProvider services)
    {
        var streams = ActivatorUtilities.CreateInstance<OpenStreams>(services);
        services.GetRequiredService<SessionRevocations>().Applied += streams.Revoke;
        services.GetRequiredService<CacheTrust>().Forgotten += streams.ConfirmAll;
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _ = streams.StopAsync());
        return streams;
    }

    /// <summary>The route's transformer, which hears its answers where its policies have something to do with them.</summary>
    public static HttpTransformer WithPolicies(this HttpTransformer transformer, RouteConfig route, CorsPipeline cors) =>
        RouteTimeout.Around(cors.Around(transformer, route), route);
}
