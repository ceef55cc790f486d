using Gateway.Denials;
using Gateway.Rules;
using Gateway.Sessions;
using Gateway.Telemetry;

namespace Gateway.Access;

/// <summary>
/// Who is calling, and may they? Reads the access rule from the matched endpoint, asks the session cache, evaluates the
/// rule's conditions, and answers a refusal. It sits where ASP.NET Core's authorization middleware would; why it is not
/// that one: docs/architecture.md. No endpoint, no rule or a rule that does not hold: denied.
/// </summary>
internal sealed class AccessGuard(RequestDelegate next, SessionResolver sessions, DenialResponder denials, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Routing answers a wrong method with an endpoint of its own, without metadata: to a stranger that is no route either.
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<AccessRule>() is not { } rule) return denials.AnswerAsync(context, Reason.NoRoute);
        if (rule.Session is SessionRequirement.None) return Admit(context, endpoint);

        var lookup = sessions.ResolveAsync(context);
        if (!lookup.IsCompletedSuccessfully) return DecideAsync(context, endpoint, rule, lookup);
        var found = lookup.Result;
        return found.SetCookies is null && Check(rule, found.Verdict) is null
            ? Admit(context, endpoint, found.Verdict)
            : DecideAsync(context, endpoint, rule, new(found));
    }

    private async Task DecideAsync(HttpContext context, Endpoint endpoint, AccessRule rule, ValueTask<SessionLookup> pending)
    {
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
            await Admit(context, endpoint, lookup.Verdict);
            return;
        }

        if (lookup.Verdict.Session is not null) context.Features.Set(lookup.Verdict);
        endpoint.Metadata.GetMetadata<RouteFigures>()?.Denied((int)reason.Value);
        await denials.AnswerAsync(context, reason.Value);
    }

    private Task Admit(HttpContext context, Endpoint endpoint, SessionVerdict? verdict = null)
    {
        if (verdict?.Session is not null) context.Features.Set(verdict);
        endpoint.Metadata.GetMetadata<RouteFigures>()?.Allowed();
        return next(context);
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
