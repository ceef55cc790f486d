using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Forwarding.Mutators;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// The headers that routes match on. What a service reads alike would tell it another value than routing has seen, so no other
/// spelling of theirs passes, on any route: who is not taken by the one with the header is taken by another. The names travel
/// in every route's metadata.
/// </summary>
internal sealed class MatchedHeaders
{
    private readonly string _text;

    private MatchedHeaders(IEnumerable<string> names) => _text = RouteMutators.Joined(names);

    /// <summary>Two that a service does not tell apart go to <paramref name="errors"/>.</summary>
    public static MatchedHeaders Read(IEnumerable<RouteConfig> routes, ConfigErrors errors)
    {
        var known = new Dictionary<string, string>(HeaderAliases.Comparer);
        foreach (var route in routes)
        {
            var headers = route.Match.Headers ?? [];
            for (var i = 0; i < headers.Count; i++)
            {
                var name = headers[i].Name;
                if (string.IsNullOrEmpty(name) || known.TryAdd(name, name)) continue;
                if (!known[name].Equals(name, StringComparison.OrdinalIgnoreCase))
                    errors.Add(
                        $"{RouteTable.Section}:Routes:{route.RouteId}:Match:Headers:{i}:Name",
                        $"is the same header as {known[name]} of another route to a service that reads -, _ and . alike: "
                            + "write it the same");
            }
        }
        return new(known.Values);
    }

    public RouteConfig AddTo(RouteConfig route) =>
        _text.Length == 0 ? route : route.With(RouteMutators.MatchedKey, _text);
}
