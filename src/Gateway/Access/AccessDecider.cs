using Gateway.Decisions;
using Gateway.Rules;
using Gateway.Sessions;

namespace Gateway.Access;

/// <summary>What was decided of a request.</summary>
/// <param name="Refusal">Why it does not go on; null: it does.</param>
/// <param name="Caller">Who is calling; null where nobody was asked.</param>
/// <param name="SetCookies">A renewed session cookie for exactly this caller.</param>
internal readonly record struct AccessDecision(Reason? Refusal, SessionVerdict? Caller = null, string[]? SetCookies = null);

/// <summary>
/// Who is calling, and may they? Asks the session cache and evaluates the rule's conditions; it touches no response. No
/// verdict, or a rule that does not hold: refused.
/// </summary>
internal sealed class AccessDecider(SessionResolver sessions, TimeProvider time)
{
    /// <summary>Completes at once on a cache hit.</summary>
    public ValueTask<AccessDecision> DecideAsync(HttpContext context, AccessRule rule)
    {
        if (rule.Session is SessionRequirement.None) return default;
        var lookup = sessions.ResolveAsync(context);
        if (!lookup.IsCompletedSuccessfully) return DecideAsync(context, rule, lookup);
        var found = lookup.Result;
        var refusal = Check(rule, found.Verdict);
        return refusal is Reason.SecondFactorRequired or Reason.SessionTooOld
            ? DecideAsync(context, rule, new(found))
            : new(new AccessDecision(refusal, found.Verdict, found.SetCookies));
    }

    private async ValueTask<AccessDecision> DecideAsync(HttpContext context, AccessRule rule, ValueTask<SessionLookup> pending)
    {
        var lookup = await pending;
        var refusal = Check(rule, lookup.Verdict);
        // Step-up and re-login leave a token's value, and so its cache entry, as it was: look again before refusing for them.
        if (refusal is Reason.SecondFactorRequired or Reason.SessionTooOld)
        {
            if (lookup.FromCache)
            {
                lookup = await sessions.ResolveFreshAsync(context);
                refusal = Check(rule, lookup.Verdict);
            }
            else if (lookup.IsStale)
            {
                refusal = Reason.IdentityProviderUnavailable; // Kratos was asked in vain just now
            }
        }
        return new(refusal, lookup.Verdict, lookup.SetCookies);
    }

    private Reason? Check(AccessRule rule, SessionVerdict verdict)
    {
        if (rule.Session is not SessionRequirement.Required) return null;
        return verdict.Outcome switch
        {
            SessionOutcome.Active => CheckSession(rule, verdict),
            SessionOutcome.NoCredential => Reason.NoSession,
            SessionOutcome.Invalid => Reason.SessionInvalid,
            SessionOutcome.SecondFactorRequired => Reason.SecondFactorRequired,
            _ => Reason.IdentityProviderUnavailable,
        };
    }

    private Reason? CheckSession(AccessRule rule, SessionVerdict verdict)
    {
        var now = time.GetUtcNow();
        return verdict.Session!.ExpiresAt <= now ? Reason.SessionInvalid : rule.Check(new(verdict.Session, now));
    }
}
