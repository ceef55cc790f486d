using Gateway.Telemetry;
using Microsoft.AspNetCore.Routing.Matching;

namespace Gateway.Targets;

/// <summary>
/// Carried by the endpoint of a request that two routes take alike. That endpoint has no policy, so nobody passes.
/// </summary>
internal sealed record AmbiguousRoutes(string First, string Second)
{
    public static AmbiguousRoutes? Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<AmbiguousRoutes>();
}

/// <summary>
/// The last word in choosing a route: where two equally good ones remain, none is chosen, and the guard answers 400.
/// Routing itself would throw. A load refuses routes that always meet like this; what is left needs an odd request, such as
/// one with the headers of both.
/// </summary>
internal sealed partial class AmbiguousRoutePolicy(ILogger<AmbiguousRoutePolicy> log) : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => int.MaxValue;

    /// <summary>Only where paths of equal rank meet; everywhere else this costs nothing.</summary>
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints)
    {
        var seen = new HashSet<(int Order, decimal Precedence)>();
        return endpoints.OfType<RouteEndpoint>().Any(e => !seen.Add((e.Order, e.RoutePattern.InboundPrecedence)));
    }

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        var first = -1;
        for (var i = 0; i < candidates.Count; i++)
        {
            if (!candidates.IsValidCandidate(i)) continue;
            if (first < 0)
            {
                first = i;
                continue;
            }
            // The best come first.
            if (candidates[i].Score != candidates[first].Score) break;
            Refuse(httpContext, new(candidates[first].Endpoint.DisplayName ?? "", candidates[i].Endpoint.DisplayName ?? ""));
            break;
        }
        return Task.CompletedTask;
    }

    /// <summary>An endpoint that a policy sets is routing's answer.</summary>
    private void Refuse(HttpContext context, AmbiguousRoutes routes)
    {
        context.SetEndpoint(new(null, new(routes), "more than one route"));
        LogAmbiguous(log, context.TraceIdentifier, routes.First, routes.Second);
    }

    [LoggerMessage(EventIds.RoutesAmbiguous, LogLevel.Warning,
        "Request {RequestId} is taken by the routes {First} and {Second} alike and refused: give one of them a lower Order")]
    private static partial void LogAmbiguous(ILogger logger, string requestId, string first, string second);
}
