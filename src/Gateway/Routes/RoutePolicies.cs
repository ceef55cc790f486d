using System.Text.Json;
using Gateway.Access;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Forwarding.Mutators;
using Gateway.RateLimits;
using Gateway.Rules;
using Gateway.Targets;
using Gateway.Telemetry;
using Gateway.Traffic.Cors;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>Compiles what a request needs of its route, once per endpoint that YARP builds.</summary>
internal static class RoutePolicies
{
    /// <param name="limits">Null: nothing is limited, because nothing runs.</param>
    public static void AddTo(EndpointBuilder endpoint, RouteConfig route, RouteMetrics metrics, RouteLimits? limits)
    {
        var forwarding = RouteForwarding.Of(route, false);
        endpoint.Metadata.Add(new RoutePolicy(
            Rule(route.Metadata!),
            RouteTarget.Of(route, forwarding.RemovePrefix, forwarding.ChangesTarget),
            metrics,
            RouteHosts.Of(route.Match.Hosts),
            limits?.Of(route.RouteId, route.Metadata!, route.Timeout)));
        RouteCors.AddTo(endpoint, route);
    }

    private static AccessRule Rule(IReadOnlyDictionary<string, string> metadata)
    {
        using var json = JsonDocument.Parse(metadata[RuleTexts.TextKey]);
        var rule = AccessRule.Read(metadata[RuleTexts.NameKey], json.RootElement, new PlacedProblems())
            ?? throw new InvalidOperationException("A rule that was checked at load is bad now.");
        return rule with { NeedsSessionJson = metadata.ContainsKey(RouteMutators.NeedsSessionKey) };
    }
}
