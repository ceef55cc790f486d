namespace Gateway.RateLimits;

/// <summary>A route's rate limit. Address, route and header are counted before anybody is asked who is calling.</summary>
/// <param name="onlyFor">Null: all of the route's requests.</param>
/// <param name="longestWait">How long a request may wait for others to end.</param>
internal sealed class RouteLimit(RateLimit limit, string route, SignInRequests? onlyFor, TimeSpan longestWait)
{
    /// <summary>Whether requests are noted as counted instead of being counted: nobody has sent them.</summary>
    private bool _isDry;

    public bool NeedsNoCaller { get; } = limit.Policy.NeedsNoCaller;

    public string Name => limit.Name;

    public RateLimitPolicy Policy => limit.Policy;

    /// <summary>The policy as clients see it.</summary>
    public string PolicyField => limit.PolicyField;

    /// <summary>The same without its counters: it lets everything pass, and notes on the request what would be counted.</summary>
    public RouteLimit Uncounted() => new(limit, route, onlyFor, longestWait) { _isDry = true };

    /// <summary>A permit, or why there is none; the answer's fields are set.</summary>
    public ValueTask<RateLimitPermit> AcquireAsync(HttpContext context)
    {
        if (onlyFor is not null && !onlyFor.Covers(context, isSaid: !_isDry)) return default;
        if (_isDry)
        {
            context.Features.Set(new WouldBeCounted(this));
            return default;
        }
        var key = PartitionKey.Of(context, limit.Policy, route, limit.IsShared);
        var pending = limit.AcquireAsync(key, longestWait, context.RequestAborted);
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

/// <summary>On a request that nobody has sent: the limit that would have counted it.</summary>
internal sealed record WouldBeCounted(RouteLimit Limit);
