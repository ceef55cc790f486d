using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Traffic;
using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// Finds what <see cref="RouteOverlaps"/> cannot read from the text: paths whose constraints or mixed segments take the same values, such as
/// <c>{id:int}</c> and <c>{id:min(5)}</c>, by sending requests with likely values through routing itself. What no such value shows is refused
/// when a request shows it (<see cref="AmbiguousRoutePolicy"/>).
/// </summary>
/// <param name="route">Gives a request its endpoint.</param>
internal sealed partial class RouteOverlapSearch(Action<HttpContext> route)
{
    /// <summary>Requests sent for one route, where several constrained segments multiply, and in all.</summary>
    private const int MaxOfOne = 2000, MaxInAll = 100_000;

    private static readonly string[] Likely =
    [
        "1", "0", "7", "-1", "12345", "1.5", "a", "b1", "abc", "true", "x-1", "2026-11-25", "a.b",
        "7f9c24e8-3b12-4d5f-9a6e-1c2d3e4f5a6b",
    ];

    public IEnumerable<RouteOverlap> Find(IEnumerable<RouteConfig> routes)
    {
        var families = routes.Where(HasConditionalSegment).GroupBy(Family).Where(family => family.Count() > 1).ToList();
        var each = Math.Min(MaxOfOne, MaxInAll / Math.Max(1, families.Sum(family => family.Count())));
        return families.SelectMany(family => FindIn([.. family], each)).DistinctBy(overlap => overlap.Route);
    }

    private IEnumerable<RouteOverlap> FindIn(IReadOnlyList<RouteConfig> family, int requests)
    {
        var values = Values(family);
        foreach (var member in family)
            foreach (var request in Requests(member, values).Take(requests))
            {
                route(request);
                if (AmbiguousRoutes.Of(request) is not { } found) continue;
                string[] names = [found.First, found.Second];
                yield return family.Select(r => r.RouteId).Where(names.Contains).ToArray() is [var first, var second]
                    ? new(second, first)
                    : new(found.Second, found.First);
            }
    }

    private static IEnumerable<DefaultHttpContext> Requests(RouteConfig member, IReadOnlyList<string> values) =>
        from path in Paths(RouteOverlaps.Pattern(member).PathSegments, values)
        from host in RouteOverlaps.Hosts(member)
        from method in member.Match.Methods is { Count: > 0 } methods ? methods : ["ANY"]
        select Request(method, host, path);

    private static DefaultHttpContext Request(string method, HostPattern host, string path) => new()
    {
        Request = { Method = method, Headers = { Host = host.ToString().Replace("*", "any", StringComparison.Ordinal) }, Path = path },
    };

    private static IEnumerable<string> Paths(IEnumerable<RoutePatternPathSegment> segments, IReadOnlyList<string> values) =>
        segments.Aggregate<RoutePatternPathSegment, IEnumerable<string>>([""], (paths, segment) =>
            paths.SelectMany(_ => Texts(segment, values), (path, text) => $"{path}/{text}"));

    private static IEnumerable<string> Texts(RoutePatternPathSegment segment, IReadOnlyList<string> values) => segment switch
    {
        { IsSimple: true } when segment.Parts[0] is RoutePatternLiteralPart literal => [literal.Content],
        { IsSimple: true } when !IsConditional(segment) => ["any"],
        { IsSimple: true } => values,
        _ => values.Select(value => string.Concat(segment.Parts.Select(part => Text(part, value)))),
    };

    private static string Text(RoutePatternPart part, string value) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => value,
    };

    /// <summary>The likely ones, and what the family's own constraints and texts speak of.</summary>
    private static IReadOnlyList<string> Values(IEnumerable<RouteConfig> family)
    {
        var segments = family.SelectMany(member => RouteOverlaps.Pattern(member).PathSegments).Where(IsConditional).ToArray();
        var constraints = segments.SelectMany(s => s.Parts).OfType<RoutePatternParameterPart>().SelectMany(p => p.ParameterPolicies);
        var numbers = constraints.SelectMany(policy => Number().Matches(policy.Content ?? ""))
            .Select(match => long.TryParse(match.Value, CultureInfo.InvariantCulture, out var number) ? number : 0);
        var mixed = segments.Where(segment => !segment.IsSimple).SelectMany(segment => Texts(segment, ["1", "a"]));
        return [.. Likely, .. numbers.SelectMany(Near), .. mixed];
    }

    private static string[] Near(long number) =>
    [
        (number - 1).ToString(CultureInfo.InvariantCulture), number.ToString(CultureInfo.InvariantCulture),
        (number + 1).ToString(CultureInfo.InvariantCulture), new string('a', (int)Math.Clamp(number, 1, 64)),
    ];

    /// <summary>Routes that can meet: the same but for names and conditions of their segments.</summary>
    private static string Family(RouteConfig route) => string.Join('/', RouteOverlaps.Pattern(route).PathSegments.Select(segment =>
        IsConditional(segment) ? "\0" : string.Concat(Texts(segment, []).Select(text => text.ToLowerInvariant())))) + $" {route.Order ?? 0}";

    private static bool HasConditionalSegment(RouteConfig route) => RouteOverlaps.Pattern(route).PathSegments.Any(IsConditional);

    private static bool IsConditional(RoutePatternPathSegment segment) =>
        !segment.IsSimple || segment.Parts[0] is RoutePatternParameterPart { ParameterPolicies.Count: > 0 };

    [GeneratedRegex("[0-9]{1,18}")]
    private static partial Regex Number();
}
