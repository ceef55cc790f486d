using Gateway.Decisions;
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
            route.Metrics.Denied((int)reason);
            if (decision.Failed is { } failed)
                context.Features[typeof(FailedCondition)] = failed;
            return context.DenyAsync(reason);
        }
        route.Metrics.Allowed();
        return next(context);
    }
}
