using Gateway.Forwarding;
using Gateway.Routes;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.SelfService;

/// <summary>
/// The route and cluster of the self-service UI. It calls Kratos with the browser's cookies, so they are forwarded.
/// </summary>
internal static class SelfServiceRoute
{
    /// <summary>
    /// Pages of the UI that only serve its OAuth2 part; a signed-in request to its logout page can end its process
    /// (docs/kratos.md).
    /// </summary>
    public static readonly string[] Blocked = ["logout", "consent"];

    public static BuiltInRoute BuiltIn(SelfServiceOptions options)
    {
        var path = options.Url is null ? "" : options.Path;
        var route = new BuiltInRoute("self-service", path, "the self-service UI (SelfService:Path)")
        {
            Guard = static (services, proxy) => ActivatorUtilities.CreateInstance<SelfServiceGuard>(services, proxy).InvokeAsync,
        };
        return BuiltInRoute.IsUsable(options.Url)
            ? route with { Route = Route(route.Id, path), Cluster = Cluster(route.Id, options.Url!) }
            : route;
    }

    private static RouteConfig Route(string id, string path) => new()
    {
        RouteId = id,
        ClusterId = id,
        Match = new RouteMatch { Path = path + "/{**rest}" },
        Metadata = new Dictionary<string, string>
        {
            [RouteForwarding.ForwardSessionCookie] = "true",
            [RouteForwarding.OriginalUri] = "true",
        },
    };

    private static ClusterConfig Cluster(string id, Uri url) => new()
    {
        ClusterId = id,
        Destinations = new Dictionary<string, DestinationConfig>
        {
            [id] = new() { Address = url.GetLeftPart(UriPartial.Authority) },
        },
    };
}
