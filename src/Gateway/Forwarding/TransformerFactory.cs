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
    RouteMutators mutators,
    CredentialReader credentials,
    RecentCookies recent,
    TransformerWrapper wrap) : ITransformBuilder
{
    /// <summary>The key under which YARP's own builder is registered.</summary>
    public const string Yarp = nameof(Yarp);

    private Shared? _last;

    public IReadOnlyList<Exception> ValidateRoute(RouteConfig route) => yarp.ValidateRoute(route);

    public IReadOnlyList<Exception> ValidateCluster(ClusterConfig cluster) => yarp.ValidateCluster(cluster);

    public HttpTransformer Build(RouteConfig route, ClusterConfig? cluster)
    {
        var forwarding = RouteForwarding.Of(route, options.ForwardSessionCookie);
        var cookies = RouteMutators.CookieNames(route);
        var ownCookies = cookies.Count == 0 ? null : new OwnCookies(cookies);
        var forwarded = new ForwardedRequest(forwarding, mutators.Of(route), ownCookies, credentials, recent);
        var answer = new ForwardedAnswer(forwarding, credentials);
        var client = HeadersOf(route);
        // Session affinity adds a transform of its own, which hands out the key.
        if (forwarding.OtherTransforms.Count == 0 && cluster?.SessionAffinity?.Enabled is not true)
            return wrap(route, new ServiceTransformer(forwarding, forwarded, answer, client));

        var configured = yarp.Build(route with { Transforms = forwarding.OtherTransforms }, cluster);
        return wrap(route, new ConfiguredTransformer(forwarding, forwarded, answer, client, configured));
    }

    public HttpTransformer Create(Action<TransformBuilderContext> action) => yarp.Create(action);

    /// <summary>The routes of one load have the same names, and share them.</summary>
    private ClientHeaders HeadersOf(RouteConfig route)
    {
        var own = mutators.HeaderNames(route);
        var matched = RouteMutators.MatchedHeaders(route);
        if (_last is { } last && last.IsOf(own, matched)) return last.Headers;
        IReadOnlyList<string> names = [.. own, .. HopByHopHeaders.Names];
        var ofProxies = options.KeepFromTrustedProxies.Count == 0
            ? null
            : new ReservedHeaders(names, options.RemovalOf(matched, fromTrustedProxy: true));
        var headers = new ClientHeaders(new(names, options.RemovalOf(matched, fromTrustedProxy: false)), ofProxies);
        _last = new(own, matched, headers);
        return headers;
    }

    private sealed record Shared(IReadOnlyList<string> Own, IReadOnlyList<string> Matched, ClientHeaders Headers)
    {
        public bool IsOf(IReadOnlyList<string> own, IReadOnlyList<string> matched) =>
            Own.SequenceEqual(own, StringComparer.Ordinal) && Matched.SequenceEqual(matched, StringComparer.Ordinal);
    }
}
