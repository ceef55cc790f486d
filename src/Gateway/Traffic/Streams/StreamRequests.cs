using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Traffic.Streams;

/// <summary>
/// Lets the forwarder wait longer than <see cref="StreamOptions.IdleTimeout"/> where a request asks for a stream and its cluster
/// says nothing of it: the forwarder cuts a silent stream off, and <see cref="OpenStreams"/> ends it properly.
/// </summary>
internal sealed class StreamRequests(RequestDelegate next, StreamOptions options)
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly ConditionalWeakTable<ClusterModel, ClusterModel> _patient = [];

    public Task InvokeAsync(HttpContext context)
    {
        if (AsksForStream(context))
        {
            var proxy = context.GetReverseProxyFeature();
            if (proxy.Cluster.Config.HttpRequest?.ActivityTimeout is null)
                context.Features.Set<IReverseProxyFeature>(new PatientProxy(proxy, _patient.GetValue(proxy.Cluster, Prolong)));
        }
        return next(context);
    }

    /// <summary>gRPC and gRPC-Web are POST always.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && StreamKinds.Of(request.ContentType) is StreamKind.Grpc;

    private static bool AsksForStream(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Request.Headers.Accept is [{ } accept]
            && accept.StartsWith(StreamKinds.EventStream, StringComparison.OrdinalIgnoreCase)
        || IsGrpc(context.Request);

    private ClusterModel Prolong(ClusterModel cluster)
    {
        var request = cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty;
        var prolonged = request with { ActivityTimeout = options.IdleTimeout + Margin };
        return new(cluster.Config with { HttpRequest = prolonged }, cluster.HttpClient);
    }

    /// <summary>The request's way to its destination, with other times for the cluster.</summary>
    private sealed class PatientProxy(IReverseProxyFeature inner, ClusterModel cluster) : IReverseProxyFeature
    {
        public RouteModel Route => inner.Route;

        public ClusterModel Cluster => cluster;

        public IReadOnlyList<DestinationState> AllDestinations => inner.AllDestinations;

        public IReadOnlyList<DestinationState> AvailableDestinations
        {
            get => inner.AvailableDestinations;
            set => inner.AvailableDestinations = value;
        }

        public DestinationState? ProxiedDestination
        {
            get => inner.ProxiedDestination;
            set => inner.ProxiedDestination = value;
        }
    }
}
