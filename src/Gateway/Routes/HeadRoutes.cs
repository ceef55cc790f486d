using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// GET implies HEAD (RFC 9110 section 9.3.2: the same answer without its body). Otherwise HEAD on a protected page would fall
/// through to a looser route. Where a route that names HEAD itself would tie with it on every host, that one keeps it; on some
/// of the hosts only, the tie stays, and the load is refused.
/// </summary>
internal static class HeadRoutes
{
    public static IReadOnlyList<RouteConfig> Imply(IReadOnlyList<RouteConfig> routes)
    {
        var named = routes.Where(route => Names(route, HttpMethods.Head)).SelectMany(RouteOverlaps.Ranks).ToHashSet();
        return [.. routes.Select(route => ImpliesHead(route, named) ? WithHead(route) : route)];
    }

    private static bool ImpliesHead(RouteConfig route, HashSet<string> named) =>
        Names(route, HttpMethods.Get)
        && !Names(route, HttpMethods.Head)
        && !RouteOverlaps.Ranks(route).All(named.Contains);

    private static RouteConfig WithHead(RouteConfig route) =>
        route with { Match = route.Match with { Methods = [.. route.Match.Methods!, HttpMethods.Head] } };

    private static bool Names(RouteConfig route, string method) =>
        route.Match.Methods?.Contains(method, StringComparer.OrdinalIgnoreCase) is true;
}
