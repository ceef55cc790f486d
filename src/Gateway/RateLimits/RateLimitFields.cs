using System.Globalization;

namespace Gateway.RateLimits;

/// <summary>
/// What a limited route's answers tell the client: <c>RateLimit-Policy</c>, <c>RateLimit</c>
/// (draft-ietf-httpapi-ratelimit-headers) and, when it is refused, <c>Retry-After</c>. Whatever a service says of limits of its
/// own stands beside it.
/// </summary>
internal static class RateLimitFields
{
    /// <summary>The time after which a request that found no permit free tries again, where nobody knows.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static void Add(IHeaderDictionary headers, RateLimit limit, in RateLimitPermit permit)
    {
        headers["RateLimit-Policy"] = limit.PolicyField;
        if (permit.Remaining is { } remaining)
        {
            var reset = permit.Reset is { } time ? $";t={Seconds(time)}" : "";
            headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";r={remaining}{reset}");
        }
        if (permit.Refusal is not null)
            headers.RetryAfter = Seconds(permit.Reset ?? Soon);
    }

    /// <summary>Whole seconds, rounded up, at least one: who comes then is not too early.</summary>
    public static string Seconds(TimeSpan time) =>
        Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
