namespace Gateway.RateLimits;

/// <summary>A route's rate limit. Address, route and header are counted before anybody is asked who is calling.</summary>
/// <param name="onlyFor">Null: all of the route's requests.</param>
internal sealed class RouteLimit(RateLimit limit, string route, SignInRequests? onlyFor)
{
    public bool NeedsNoCaller { get; } = limit.Policy.NeedsNoCaller;

    /// <summary>A permit, or why there is none; the answer's fields are set.</summary>
    public ValueTask<RateLimitPermit> AcquireAsync(HttpContext context)
    {
        if (onlyFor is not null && !onlyFor.Covers(context)) return default;
        var key = PartitionKey.Of(context, limit.Policy, route, limit.IsShared);
        var pending = limit.AcquireAsync(key, context.RequestAborted);
        return pending.IsCompletedSuccessfully ? new(Tell(context, pending.Result)) : TellAsync(context, pending);
    }

    private async ValueTask<RateLimitPermit> TellAsync(HttpContext context, ValueTask<RateLimitPermit> pending) =>
        Tell(context, await pending);

    private RateLimitPermit Tell(HttpContext context, in RateLimitPermit permit)
    {
        RateLimitFields.Add(context.Response.Headers, limit, permit);
        return permit;
    }
}
