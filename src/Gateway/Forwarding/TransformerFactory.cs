using Gateway.Forwarding.Mutators;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Forwarding;

/// <summary>Wraps the transformer of a route whose answers the gateway reads, such as Kratos'.</summary>
internal delegate HttpTransformer TransformerWrapper(RouteConfig route, HttpTransformer transformer);

/// <summary>
/// Takes YARP's seat for building a route's transformer: every route gets a <see cref="ServiceTransformer"/> or, where it
/// configures further transforms, a <see cref="ConfiguredTransformer"/> around what YARP's own builder makes of them; so no
/// request is forwarded that did not pass one of the two. YARP's own builder also validates.
/// </summary>
internal sealed class TransformerFactory(
    [FromKeyedServices(TransformerFactory.Yarp)] ITransformBuilder yarp,
    ForwardingOptions options,
    MutatorChain mutators,
    CredentialReader credentials,
    RecentCookies recent,
    TransformerWrapper wrap) : ITransformBuilder
{
    /// <summary>The key under which YARP's own builder is registered.</summary>
    public const string Yarp = nameof(Yarp);

    private readonly ReservedHeaders _reserved = new(mutators.HeaderNames);
    private readonly ReservedHeaders _notCopied = new([.. mutators.HeaderNames, .. HopByHopHeaders.Names]);

    public IReadOnlyList<Exception> ValidateRoute(RouteConfig route) => yarp.ValidateRoute(route);

    public IReadOnlyList<Exception> ValidateCluster(ClusterConfig cluster) => yarp.ValidateCluster(cluster);

    public HttpTransformer Build(RouteConfig route, ClusterConfig? cluster)
    {
        var forwarding = RouteForwarding.Of(route, options.ForwardSessionCookie);
        var forwarded = new ForwardedRequest(forwarding, mutators, credentials, recent);
        // Session affinity adds a transform of its own, which hands out the key.
        if (forwarding.OtherTransforms.Count == 0 && cluster?.SessionAffinity?.Enabled is not true)
            return wrap(route, new ServiceTransformer(forwarding, forwarded, _notCopied));

        var configured = yarp.Build(route with { Transforms = forwarding.OtherTransforms }, cluster);
        return wrap(route, new ConfiguredTransformer(forwarding, forwarded, _reserved, _notCopied, configured));
    }

    public HttpTransformer Create(Action<TransformBuilderContext> action) => yarp.Create(action);
}
