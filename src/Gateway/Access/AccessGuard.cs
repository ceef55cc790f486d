using Gateway.Decisions;
using Gateway.Rules;
using Gateway.Sessions;
using Gateway.Targets;

namespace Gateway.Access;

/// <summary>
/// Who is calling, and may they? Reads the matched route's <see cref="RoutePolicy"/>, asks the session cache, evaluates the
/// rule's conditions, and answers a refusal. Before all that, a target that the route does not accept is refused. It sits where ASP.NET Core's authorization middleware would; why it is not
/// that one: docs/architecture.md. No endpoint, no rule or a rule that does not hold: denied.
/// </summary>
internal sealed class AccessGuard(RequestDelegate next, SessionResolver sessions, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Routing answers a wrong method with an endpoint of its own, without metadata: to a stranger that is no route either.
        var route = RoutePolicy.Of(context);
        // A second lock behind HostMatcher: whatever routing says, another host's rule is not asked.
        if (route?.Hosts is { } hosts && !hosts.Cover(context.Request)) route = null;
        if (!(route?.Target ?? RouteTarget.Plain).Accepts(context)) return context.DenyAsync(Reason.AmbiguousTarget);
        if (route is null) return context.DenyAsync(AmbiguousRoutes.Of(context) is null ? Reason.NoRoute : Reason.AmbiguousTarget);
        if (route.Rule.Session is SessionRequirement.None) return Admit(context, route);

        var lookup = sessions.ResolveAsync(context);
        if (!lookup.IsCompletedSuccessfully) return DecideAsync(context, route, lookup);
        var found = lookup.Result;
        return found.SetCookies is null && Check(route.Rule, found.Verdict) is null
            ? Admit(context, route, found.Verdict)
            : DecideAsync(context, route, new(found));
    }

    private async Task DecideAsync(HttpContext context, RoutePolicy route, ValueTask<SessionLookup> pending)
    {
        var rule = route.Rule;
        var lookup = await pending;
        var reason = Check(rule, lookup.Verdict);
        // Step-up and re-login leave a token's value, and so its cache entry, as it was: look again before refusing for them.
        if (reason is Reason.SecondFactorRequired or Reason.SessionTooOld)
        {
            if (lookup.FromCache)
            {
                lookup = await sessions.ResolveFreshAsync(context);
                reason = Check(rule, lookup.Verdict);
            }
            else if (lookup.IsStale)
            {
                reason = Reason.IdentityProviderUnavailable; // Kratos was asked in vain just now
            }
        }

        if (lookup.SetCookies is { } cookies)
            foreach (var cookie in cookies) context.Response.Headers.Append("Set-Cookie", cookie);
        if (reason is null)
        {
            await Admit(context, route, lookup.Verdict);
            return;
        }

        Attach(context, lookup.Verdict);
        route.Metrics.Denied((int)reason.Value);
        await context.DenyAsync(reason.Value);
    }

    private Task Admit(HttpContext context, RoutePolicy route, SessionVerdict? verdict = null)
    {
        if (verdict is not null) Attach(context, verdict);
        route.Metrics.Allowed();
        return next(context);
    }

    private static void Attach(HttpContext context, SessionVerdict verdict)
    {
        if (verdict.Session is not null) context.Features[typeof(SessionVerdict)] = verdict;
    }

    private Reason? Check(AccessRule rule, SessionVerdict verdict)
    {
        if (rule.Session is not SessionRequirement.Required) return null;
        return verdict.Outcome switch
        {
            SessionOutcome.Active => verdict.Session!.ExpiresAt is var end && time.GetUtcNow() is var now && end <= now ? Reason.SessionInvalid : rule.Check(new(verdict.Session, now)),
            SessionOutcome.NoCredential => Reason.NoSession,
            SessionOutcome.Invalid => Reason.SessionInvalid,
            SessionOutcome.SecondFactorRequired => Reason.SecondFactorRequired,
            _ => Reason.IdentityProviderUnavailable,
        };
    }
}
