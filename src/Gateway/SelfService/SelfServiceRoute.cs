using Gateway.Forwarding;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.SelfService;

/// <summary>The route and cluster of the self-service UI. It calls Kratos with the browser's cookies, so they are forwarded.</summary>
internal static class SelfServiceRoute
{
    public const string Id = "self-service";

    /// <summary>Pages of the UI that only serve its OAuth2 part; a signed-in request to its logout page can end its process (docs/kratos.md).</summary>
    public static readonly string[] Blocked = ["logout", "consent"];

    public static RouteConfig Route(SelfServiceOptions options) => new()
    {
        RouteId = Id,
        ClusterId = Id,
        Match = new RouteMatch { Path = options.Path + "/{**rest}" },
        Metadata = new Dictionary<string, string>
        {
            [RouteForwarding.ForwardSessionCookie] = "true",
            [RouteForwarding.OriginalUri] = "true",
        },
    };

    public static ClusterConfig Cluster(SelfServiceOptions options) => new()
    {
        ClusterId = Id,
        Destinations = new Dictionary<string, DestinationConfig> { [Id] = new() { Address = options.Url!.GetLeftPart(UriPartial.Authority) } },
    };
}
