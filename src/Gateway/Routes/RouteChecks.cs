using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Targets;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>What a configured route or cluster may not say, beyond what YARP itself refuses.</summary>
internal sealed class RouteChecks(IReadOnlyList<BuiltInRoute> builtIn, ConfigErrors errors)
{
    /// <summary>The metadata that the gateway itself reads of a route.</summary>
    private static readonly string[] Flags =
    [
        RouteForwarding.ForwardSessionCookie,
        RouteForwarding.OriginalUri,
        RouteForwarding.SharedCaching,
        RouteTarget.AllowEncodedSlashes,
        RouteTarget.AllowEmptySegments,
        RouteTarget.AllowPathParameters,
    ];

    public void Check(RouteConfig route)
    {
        var key = $"{RouteTable.Section}:Routes:{route.RouteId}";
        if (builtIn.Any(own => own.Is(route.RouteId)))
            errors.Add(key, "has a name that the gateway uses for its own route; choose another");
        if (route.ClusterId is null)
            errors.Add(key, "names no ClusterId, so it leads nowhere");
        RefuseUnsupported(route, key);
        RefuseTakenPath(route, key);
        foreach (var (flag, text) in route.Metadata ?? new Dictionary<string, string>())
            if (Flags.Contains(flag, StringComparer.OrdinalIgnoreCase) && !bool.TryParse(text, out _))
                errors.Add($"{key}:Metadata:{flag}", "is not true or false");
    }

    public void Check(ClusterConfig cluster)
    {
        var key = $"{RouteTable.Section}:Clusters:{cluster.ClusterId}";
        if (builtIn.Any(own => own.Is(cluster.ClusterId)))
            errors.Add(key, "has a name that the gateway uses for its own cluster; choose another");
    }

    private void RefuseTakenPath(RouteConfig route, string key)
    {
        if (route.Match.Path is not { } path) return;
        var absolute = path.StartsWith('/') ? path : "/" + path;
        foreach (var own in builtIn)
            if (own.Path.Length > 0 && PathPrefix.Covers(own.Path, absolute))
                errors.Add($"{key}:Match:Path", $"lies under {own.Path}, where the gateway publishes {own.Meaning}");
    }

    /// <summary>
    /// What YARP leaves to middleware that this pipeline does not have: it would be ignored, or fail every request.
    /// </summary>
    private void RefuseUnsupported(RouteConfig route, string key)
    {
        Refuse(nameof(route.OutputCachePolicy), route.OutputCachePolicy is not null, "take it out");

        void Refuse(string name, bool isSet, string cure)
        {
            if (isSet)
                errors.Add($"{key}:{name}", $"is not supported by the gateway: {cure}");
        }
    }
}
