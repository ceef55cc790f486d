namespace Gateway.RateLimits;

/// <summary>Makes a route's limit of what its metadata carries (written by <c>Routes/LimitTexts.cs</c>).</summary>
internal sealed class RouteLimits(ActiveRateLimits limits, UntrustedForwarding forwarding)
{
    /// <summary>The policy's name and text; a user's own metadata cannot set them.</summary>
    public const string NameKey = "Gateway.RateLimiter.Name";
    public const string TextKey = "Gateway.RateLimiter";

    /// <summary>On the built-in route of Kratos: its path, where only sign-ins are limited.</summary>
    public const string SignInKey = "Gateway.RateLimiter.SignIn";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Null: the route has none.</summary>
    /// <param name="time">How long the route lets a request take; null: as long as it likes.</param>
    public RouteLimit? Of(string route, IReadOnlyDictionary<string, string> metadata, TimeSpan? time)
    {
        if (!metadata.TryGetValue(TextKey, out var text)) return null;
        var limit = limits.Of(metadata[NameKey], RateLimitPolicy.Parse(text));
        var onlyFor = metadata.TryGetValue(SignInKey, out var path) ? new SignInRequests(path, forwarding) : null;
        return new(limit, route, onlyFor, LongestWait(time));
    }

    /// <summary>How long a request waits for others to end: 30 s, or the route's own time where that is less.</summary>
    internal static TimeSpan LongestWait(TimeSpan? time) => time < Patience ? time.Value : Patience;
}
