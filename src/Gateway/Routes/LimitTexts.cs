using Gateway.Configuration;
using Gateway.RateLimits;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// The rate limits of one load: the one that a route names travels in the route's metadata, as its rule does, so that both come
/// from one load and YARP sees a change of it. YARP itself never sees the name, which it would look for among the framework's
/// policies: those are fixed at the start.
/// </summary>
internal sealed class LimitTexts(RateLimitOptions options, ConfigErrors errors)
{
    private readonly Dictionary<string, RateLimitPolicy> _policies = new(options.Policies, StringComparer.OrdinalIgnoreCase);

    /// <summary>The route with the policy it names; a name that is none is an error.</summary>
    public RouteConfig AddTo(RouteConfig route)
    {
        var isSignIn = route.Metadata?.ContainsKey(RouteLimits.SignInKey) is true;
        var name = isSignIn ? options.SignInPolicy : route.RateLimiterPolicy;
        var plain = route with { RateLimiterPolicy = null };
        if (RateLimitOptions.MeansNone(name)) return plain;
        if (!_policies.TryGetValue(name!, out var policy))
        {
            if (!isSignIn) // which is the section's own mistake
                errors.Add(
                    $"{RouteTable.Section}:Routes:{route.RouteId}:RateLimiterPolicy",
                    $"names no rate limit policy{Suggestion.For(name!, _policies.Keys)}");
            return plain;
        }
        var spelled = options.Policies.Keys.First(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
        return plain.With(RouteLimits.NameKey, spelled).With(RouteLimits.TextKey, policy.ToText());
    }
}
