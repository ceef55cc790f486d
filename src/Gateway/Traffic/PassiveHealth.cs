using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace Gateway.Traffic;

/// <summary>Where YARP's passive health checks stand in its pipeline.</summary>
internal static class PassiveHealth
{
    /// <summary>
    /// YARP's middleware, around clusters that have it enabled only: to every other request it would be an asynchronous
    /// frame that does nothing.
    /// </summary>
    public static void UsePassiveHealthChecksWhereEnabled(this IReverseProxyApplicationBuilder proxy) => proxy.Use(next =>
    {
        var branch = new Branch(proxy.New());
        branch.UsePassiveHealthChecks();
        branch.Run(next);
        var watched = branch.Build();
        return context => IsEnabled(context) ? watched(context) : next(context);
    });

    private static bool IsEnabled(HttpContext context) =>
        context.Features[typeof(IReverseProxyFeature)]
            is IReverseProxyFeature { Cluster.Config.HealthCheck.Passive.Enabled: true };

    /// <summary>A branch that YARP's own extensions accept.</summary>
    private sealed class Branch(IApplicationBuilder inner) : IReverseProxyApplicationBuilder
    {
        public IServiceProvider ApplicationServices
        {
            get => inner.ApplicationServices;
            set => inner.ApplicationServices = value;
        }

        public IFeatureCollection ServerFeatures => inner.ServerFeatures;

        public IDictionary<string, object?> Properties => inner.Properties;

        public IApplicationBuilder New() => inner.New();

        public IApplicationBuilder Use(Func<RequestDelegate, RequestDelegate> middleware)
        {
            inner.Use(middleware);
            return this;
        }

        public RequestDelegate Build() => inner.Build();
    }
}
