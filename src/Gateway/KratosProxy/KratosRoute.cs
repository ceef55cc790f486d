using Gateway.Forwarding;
using Gateway.Kratos;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.KratosProxy;

/// <summary>The route and cluster under which the gateway publishes Kratos' public API. Built in, because it is more than a route: see <see cref="KratosGuard"/>.</summary>
internal static class KratosRoute
{
    public const string Id = "kratos";

    public static RouteConfig Route(KratosOptions options) => new()
    {
        RouteId = Id,
        ClusterId = Id,
        Match = new RouteMatch { Path = options.Path + "/{**rest}" },
        Transforms = [new Dictionary<string, string> { ["PathRemovePrefix"] = options.Path }],
        Metadata = new Dictionary<string, string> { [RouteForwarding.ForwardSessionCookie] = "true" },
    };

    public static ClusterConfig Cluster(KratosOptions options) => new()
    {
        ClusterId = Id,
        Destinations = new Dictionary<string, DestinationConfig> { [Id] = new() { Address = options.PublicUrl!.AbsoluteUri } },
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(30) },
    };

    /// <summary>
    /// Whether Kratos' public API answers this path for everybody. Anything else Kratos would redirect to its admin address, which tells
    /// the internal name (facts: docs/kratos.md). Compared byte for byte with the raw target, so no other spelling passes;
    /// <c>TargetGuard</c> has refused every path under the prefix that is percent-encoded.
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
