namespace Gateway.RateLimits;

/// <summary>Makes a route's limit of what its metadata carries (written by <c>Routes/LimitTexts.cs</c>).</summary>
internal sealed class RouteLimits(ActiveRateLimits limits, UntrustedForwarding forwarding)
{
    /// <summary>The policy's name and text; a user's own metadata cannot set them.</summary>
    public const string NameKey = "Gateway.RateLimiter.Name";
    public const string TextKey = "Gateway.RateLimiter";

    /// <summary>On the built-in route of Kratos: its path, where only sign-ins are limited.</summary>
    public const string SignInKey = "Gateway.RateLimiter.SignIn";

    /// <summary>Null: the route has none.</summary>
    public RouteLimit? Of(string route, IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(TextKey, out var text)) return null;
        var limit = limits.Of(metadata[NameKey], RateLimitPolicy.Parse(text));
        var onlyFor = metadata.TryGetValue(SignInKey, out var path) ? new SignInRequests(path, forwarding) : null;
        return new(limit, route, onlyFor);
    }
}
