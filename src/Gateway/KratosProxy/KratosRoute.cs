using Gateway.Forwarding;
using Gateway.Kratos;
using Gateway.RateLimits;
using Gateway.Routes;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.KratosProxy;

/// <summary>
/// The route and cluster under which the gateway publishes Kratos' public API. Built in, because it is more than a route:
/// see <see cref="KratosGuard"/>.
/// </summary>
internal static class KratosRoute
{
    public static BuiltInRoute BuiltIn(KratosOptions options)
    {
        var route = new BuiltInRoute("kratos", options.Path, "Kratos' public API (Kratos:Path)")
        {
            Guard = static (services, proxy) => ActivatorUtilities.CreateInstance<KratosGuard>(services, proxy).InvokeAsync,
            Wrap = static (services, transformer) => ActivatorUtilities.CreateInstance<KratosTransformer>(services, transformer),
        };
        return options.Path.Length == 0 || !BuiltInRoute.IsUsable(options.PublicUrl)
            ? route
            : route with { Route = Route(route.Id, options.Path), Cluster = Cluster(route.Id, options.PublicUrl!) };
    }

    private static RouteConfig Route(string id, string path) => new()
    {
        RouteId = id,
        ClusterId = id,
        Match = new RouteMatch { Path = path + "/{**rest}" },
        Transforms = [new Dictionary<string, string> { ["PathRemovePrefix"] = path }],
        Metadata = new Dictionary<string, string>
        {
            [RouteForwarding.ForwardSessionCookie] = "true",
            [RouteLimits.SignInKey] = path,
        },
    };

    private static ClusterConfig Cluster(string id, Uri url) => new()
    {
        ClusterId = id,
        Destinations = new Dictionary<string, DestinationConfig> { [id] = new() { Address = url.AbsoluteUri } },
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(30) },
    };

    /// <summary>
    /// Whether Kratos' public API answers this path for everybody. Anything else Kratos would redirect to its admin
    /// address, which tells the internal name (facts: docs/kratos.md). Compared byte for byte with the raw target, so no
    /// other spelling passes; <c>TargetGuard</c> has refused every path under the prefix that is percent-encoded.
    /// </summary>
    /// <param name="path">The raw path behind the prefix, without the query, such as <c>/sessions/whoami</c>.</param>
    public static bool IsPublic(ReadOnlySpan<char> path) =>
        path.StartsWith("/self-service/", StringComparison.Ordinal)
        || path.Equals("/sessions", StringComparison.Ordinal)
        || path.StartsWith("/sessions/", StringComparison.Ordinal)
        || path.StartsWith("/schemas/", StringComparison.Ordinal)
        || path.StartsWith("/.well-known/ory/", StringComparison.Ordinal)
        || path.StartsWith("/health/", StringComparison.Ordinal);
}
