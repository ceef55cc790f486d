using Gateway.RateLimits;
using Gateway.Rules;
using Gateway.Targets;
using Gateway.Telemetry;

namespace Gateway.Access;

/// <summary>
/// What a request needs of its route, compiled once and carried in the endpoint's metadata as one object, so that one
/// look-up finds all of it.
/// </summary>
/// <param name="Hosts">Null: every host.</param>
/// <param name="Limit">Null: none.</param>
internal sealed record RoutePolicy(
    AccessRule Rule, RouteTarget Target, RouteMetrics Metrics, RouteHosts? Hosts = null, RouteLimit? Limit = null)
{
    /// <summary>
    /// The policy of the matched route; null: none matched, or the endpoint is routing's own answer to a wrong method.
    /// </summary>
    public static RoutePolicy? Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>();
}
