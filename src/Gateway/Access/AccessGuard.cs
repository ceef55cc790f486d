using Gateway.Decisions;
using Gateway.RateLimits;
using Gateway.Targets;

namespace Gateway.Access;

/// <summary>
/// Has it decided whether a request goes on to its route's service: reads the matched route's <see cref="RoutePolicy"/>,
/// refuses a target that the route does not accept, and asks <see cref="AccessDecider"/>. It sits where ASP.NET Core's
/// authorization middleware would; why it is not that one: docs/architecture.md. No endpoint: refused.
/// </summary>
internal sealed class AccessGuard(RequestDelegate next, AccessDecider decider)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Routing answers a wrong method with an endpoint of its own, without metadata: to a stranger that is no route either.
        var route = RoutePolicy.Of(context);
        // A second lock behind HostMatcher: whatever routing says, another host's rule is not asked.
        if (route?.Hosts is { } hosts && !hosts.Cover(context.Request))
            route = null;
        if (!(route?.Target ?? RouteTarget.Plain).Accepts(context)) return context.DenyAsync(Reason.AmbiguousTarget);
        if (route is null)
            return context.DenyAsync(AmbiguousRoutes.Of(context) is null ? Reason.NoRoute : Reason.AmbiguousTarget);
        return route.Limit is { NeedsNoCaller: true } limit
            ? LimitAsync(context, route, limit)
            : DecideAsync(context, route);
    }

    /// <summary>
    /// Goes on while it holds a permit. A limit that needs no caller comes before anybody is asked who is calling: a flood of
    /// bad credentials asks Kratos nothing.
    /// </summary>
    private async Task LimitAsync(HttpContext context, RoutePolicy route, RouteLimit limit)
    {
        using var permit = await limit.AcquireAsync(context);
        if (permit.Refusal is { } reason)
            await RefuseAsync(context, route, reason);
        else
            await (limit.NeedsNoCaller ? DecideAsync(context, route) : ForwardAsync(context, route));
    }

    private Task DecideAsync(HttpContext context, RoutePolicy route)
    {
        var decision = decider.DecideAsync(context, route.Rule);
        return decision.IsCompletedSuccessfully ? Apply(context, route, decision.Result) : ApplyAsync(context, route, decision);
    }

    private async Task ApplyAsync(HttpContext context, RoutePolicy route, ValueTask<AccessDecision> decision) =>
        await Apply(context, route, await decision);

    private Task Apply(HttpContext context, RoutePolicy route, in AccessDecision decision)
    {
        if (decision.Caller is { } caller)
            CallerFeature.Set(context, caller);
        foreach (var cookie in decision.SetCookies ?? [])
            context.Response.Headers.Append("Set-Cookie", cookie);
        if (decision.Refusal is { } reason)
        {
            if (decision.Failed is { } failed)
                context.Features[typeof(FailedCondition)] = failed;
            return RefuseAsync(context, route, reason);
        }
        return route.Limit is { NeedsNoCaller: false } limit
            ? LimitAsync(context, route, limit)
            : ForwardAsync(context, route);
    }

    private Task ForwardAsync(HttpContext context, RoutePolicy route)
    {
        route.Metrics.Allowed();
        return next(context);
    }

    private static Task RefuseAsync(HttpContext context, RoutePolicy route, Reason reason)
    {
        route.Metrics.Denied((int)reason);
        return context.DenyAsync(reason);
    }
}
