using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// GET implies HEAD (RFC 9110 section 9.3.2: the same answer without its body). Otherwise HEAD on a protected page would
/// fall through to a looser route. A route of the same path and hosts that names HEAD itself keeps it.
/// </summary>
internal static class HeadRoutes
{
    public static IReadOnlyList<RouteConfig> Imply(IReadOnlyList<RouteConfig> routes) =>
        [.. routes.Select(route => WithHead(route, routes))];

    private static RouteConfig WithHead(RouteConfig route, IReadOnlyList<RouteConfig> all)
    {
        if (route.Match.Methods is not { } methods) return route;
        if (!Names(route, HttpMethods.Get) || Names(route, HttpMethods.Head)) return route;
        var withHead = route with { Match = route.Match with { Methods = [.. methods, HttpMethods.Head] } };
        return all.Any(other => Names(other, HttpMethods.Head) && RouteOverlaps.Find([other, withHead]).Any()) ? route : withHead;
    }

    private static bool Names(RouteConfig route, string method) =>
        route.Match.Methods?.Contains(method, StringComparer.OrdinalIgnoreCase) is true;
}
