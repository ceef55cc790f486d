using Gateway.Access;
using Gateway.Configuration;
using Gateway.Targets;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Gateway.Hosting.Explaining;

/// <summary>
/// Routes that could have been meant, each with what speaks against it. Which route takes a request is routing's word alone;
/// this only compares part by part, for people.
/// </summary>
internal sealed class NearMisses(
    IReadOnlyList<EndpointDataSource> sources, IEnumerable<MatcherPolicy> policies, ParameterPolicyFactory constraints)
{
    private const int Most = 10;

    /// <summary>Most words of this length are a misspelling or two away from one another.</summary>
    private const int ShortWord = 4;

    /// <summary>YARP's own, which only drop what does not fit: for a route's headers, and for its query parameters.</summary>
    private readonly IEndpointSelectorPolicy _headers = Policy(policies, "HeaderMatcherPolicy");
    private readonly IEndpointSelectorPolicy _query = Policy(policies, "QueryParameterMatcherPolicy");

    /// <summary>The nearest first.</summary>
    /// <param name="taken">The id of the route that took the request; null: none did.</param>
    public async Task<IReadOnlyList<NearMiss>> FindAsync(HttpContext context, string? taken)
    {
        var found = new List<NearMiss>();
        foreach (var endpoint in sources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<RouteModel>()?.Config is not { } route || route.RouteId == taken) continue;
            var fits = FitsPath(context, endpoint);
            if (!fits && !IsNear(context.Request.Path, endpoint.RoutePattern)) continue;
            var because = await CompareAsync(context, endpoint, route, fits);
            found.Add(new(route.RouteId, because.Count > 0 ? because : Later(context, taken)));
        }
        return [.. found.OrderBy(miss => miss.Because.Count).ThenBy(miss => miss.Route, StringComparer.Ordinal).Take(Most)];
    }

    private static IReadOnlyList<Mismatch> Later(HttpContext context, string? taken)
    {
        if (taken is not null)
            return [new("order", "a lower Order, or a path, methods or hosts that say more", $"{taken} comes first")];
        if (AmbiguousRoutes.Of(context) is not { } equals)
            return [new("order", "a request that is not refused before routes are looked at", "it was refused")];
        var names = string.Join(" and ", new[] { equals.First, equals.Second }.Order(StringComparer.Ordinal));
        return [new("order", "a lower Order", $"{names} are equally good, so neither is taken")];
    }

    private async Task<List<Mismatch>> CompareAsync(HttpContext context, RouteEndpoint endpoint, RouteConfig route, bool fitsPath)
    {
        var (request, match) = (context.Request, route.Match);
        var because = new List<Mismatch>();
        if (!fitsPath)
            because.Add(new("path", match.Path ?? "/", request.Path.Value ?? ""));
        if (RouteHosts.Of(match.Hosts) is { } hosts && !hosts.Cover(request))
            because.Add(new("host", string.Join(", ", match.Hosts!), request.Headers.Host.ToString()));
        if (match.Methods is { Count: > 0 } methods && !methods.Contains(request.Method, StringComparer.OrdinalIgnoreCase))
            because.Add(new("method", string.Join(", ", methods), request.Method));
        if (!await PassesAsync(_headers, context, endpoint))
            because.Add(new("header", string.Join(", ", match.Headers!.Select(Text)), Found(request, match.Headers!)));
        if (!await PassesAsync(_query, context, endpoint))
            because.Add(new(
                "query", string.Join(", ", match.QueryParameters!.Select(Text)), Found(request, match.QueryParameters!)));
        return because;
    }

    private bool FitsPath(HttpContext context, RouteEndpoint endpoint)
    {
        var values = new RouteValueDictionary();
        var pattern = endpoint.RoutePattern;
        var path = new TemplateMatcher(new RouteTemplate(pattern), new(pattern.Defaults));
        if (!path.TryMatch(context.Request.Path, values)) return false;
        return pattern.ParameterPolicies.All(parameter => parameter.Value.All(policy =>
            constraints.Create(pattern.GetParameter(parameter.Key), policy) is not IRouteConstraint constraint
            || constraint.Match(context, null, parameter.Key, values, RouteDirection.IncomingRequest)));
    }

    /// <summary>The first segments are the same, or one may be a misspelling of the other.</summary>
    private static bool IsNear(PathString path, RoutePattern pattern)
    {
        if (pattern.PathSegments is not [{ IsSimple: true } first, ..]) return false;
        if (first.Parts[0] is not RoutePatternLiteralPart literal) return false;
        var asked = path.Value!.Split('/').ElementAtOrDefault(1) ?? "";
        return asked.Length > ShortWord && Suggestion.IsNear(asked, literal.Content)
            || asked.Equals(literal.Content, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<bool> PassesAsync(IEndpointSelectorPolicy policy, HttpContext context, Endpoint endpoint)
    {
        var only = new CandidateSet([endpoint], [[]], [0]);
        await policy.ApplyAsync(context, only);
        return only.IsValidCandidate(0);
    }

    private static IEndpointSelectorPolicy Policy(IEnumerable<MatcherPolicy> policies, string name) =>
        (IEndpointSelectorPolicy)policies.Single(policy => policy.GetType().Name == name);

    private static string Text(RouteHeader header) => Text(header.Name, $"{header.Mode}", header.Values);

    private static string Text(RouteQueryParameter parameter) => Text(parameter.Name, $"{parameter.Mode}", parameter.Values);

    private static string Text(string name, string mode, IReadOnlyList<string>? values) =>
        $"{name} ({mode}) {string.Join(" | ", values ?? [])}".TrimEnd();

    private static string Found(HttpRequest request, IReadOnlyList<RouteHeader> headers) => string.Join(", ", headers.Select(h =>
        request.Headers.TryGetValue(h.Name, out var value) ? $"{h.Name}: {Credentials.Masked(h.Name, value)}" : $"no {h.Name}"));

    private static string Found(HttpRequest request, IReadOnlyList<RouteQueryParameter> parameters) =>
        string.Join(", ", parameters.Select(p =>
            request.Query.TryGetValue(p.Name, out var value) ? $"{p.Name}={value}" : $"no {p.Name}"));
}
