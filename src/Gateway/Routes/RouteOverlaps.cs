using Gateway.Traffic;
using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>Two routes of which neither comes first for a request that both take.</summary>
internal sealed record RouteOverlap(string Route, string Other);

/// <summary>
/// Finds routes with the same order, path, methods, hosts and conditions, which routing cannot choose between. Names of parameters and letter case
/// are no difference. What only certain values show is <see cref="RouteOverlapSearch"/>'s.
/// </summary>
internal static class RouteOverlaps
{
    public static IEnumerable<RouteOverlap> Find(IEnumerable<RouteConfig> routes)
    {
        var byRank = new Dictionary<string, List<RouteConfig>>(StringComparer.Ordinal);
        foreach (var route in routes)
        {
            var others = new HashSet<RouteConfig>(ReferenceEqualityComparer.Instance);
            foreach (var rank in Ranks(route))
            {
                if (!byRank.TryGetValue(rank, out var equals)) byRank[rank] = equals = [];
                others.UnionWith(equals.Where(other => ShareMethod(route, other)));
                equals.Add(route);
            }
            foreach (var other in others) yield return new(route.RouteId, other.RouteId);
        }
    }

    /// <summary>For each of its hosts what another route must have, too, for neither to come first, methods aside.</summary>
    public static IEnumerable<string> Ranks(RouteConfig route)
    {
        var rank = Rank(route);
        return Hosts(route).Select(host => $"{rank} {host}");
    }

    /// <summary>The hosts of a checked route as they are compared; the one that stands for all where there are none.</summary>
    public static IEnumerable<HostPattern> Hosts(RouteConfig route) => RouteHosts.Of(route.Match.Hosts)?.Patterns ?? [HostPattern.Any];

    private static bool ShareMethod(RouteConfig route, RouteConfig other) =>
        (route.Match.Methods ?? []).Count == 0
            ? (other.Match.Methods ?? []).Count == 0
            : route.Match.Methods!.Intersect(other.Match.Methods ?? [], StringComparer.OrdinalIgnoreCase).Any();

    public static RoutePattern Pattern(RouteConfig route) =>
        RoutePatternFactory.Parse(string.IsNullOrEmpty(route.Match.Path) ? "/{**catchall}" : route.Match.Path);

    /// <summary>What must be equal for neither of two routes to come first, hosts and methods aside.</summary>
    private static string Rank(RouteConfig route)
    {
        var segments = Pattern(route).PathSegments.Select(segment => string.Concat(segment.Parts.Select(Part)));
        return $"{route.Order ?? 0} /{string.Join('/', segments)} {Conditions(route.Match)}".Trim();
    }

    /// <summary>No literal holds the null character, so none is taken for a parameter.</summary>
    private static string Part(RoutePatternPart part) => part switch
    {
        RoutePatternParameterPart parameter => $"\0{(parameter.IsCatchAll ? "*" : "")}{Constraints(parameter)}",
        RoutePatternLiteralPart literal => literal.Content.ToLowerInvariant(),
        RoutePatternSeparatorPart separator => separator.Content,
        _ => "",
    };

    private static string Constraints(RoutePatternParameterPart parameter) =>
        string.Concat(parameter.ParameterPolicies.Select(policy => $":{policy.Content?.ToLowerInvariant()}"));

    private static string Conditions(RouteMatch match)
    {
        var headers = (match.Headers ?? []).Select(h => $"header {h.Name.ToLowerInvariant()} {h.Mode} {Values(h.Values, h.IsCaseSensitive)}");
        var parameters = (match.QueryParameters ?? []).Select(q => $"query {q.Name.ToLowerInvariant()} {q.Mode} {Values(q.Values, q.IsCaseSensitive)}");
        return string.Join(", ", headers.Concat(parameters).Order(StringComparer.Ordinal));
    }

    private static string Values(IReadOnlyList<string>? values, bool caseSensitive) =>
        string.Join('|', (values ?? []).Select(value => caseSensitive ? value : value.ToLowerInvariant()).Order(StringComparer.Ordinal));
}
