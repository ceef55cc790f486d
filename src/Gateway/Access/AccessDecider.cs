using Gateway.Authenticators;
using Gateway.Decisions;
using Gateway.Rules;

namespace Gateway.Access;

/// <summary>What was decided of a request.</summary>
/// <param name="Refusal">Why it does not go on; null: it does.</param>
/// <param name="Caller">Who is calling; null where nobody was asked or nobody is known.</param>
/// <param name="SetCookies">A renewed session cookie for exactly this caller.</param>
/// <param name="Failed">The condition for which it was refused; null: it was not, or for another reason.</param>
internal readonly record struct AccessDecision(
    Reason? Refusal, Caller? Caller = null, string[]? SetCookies = null, FailedCondition? Failed = null);

/// <summary>
/// Who is calling, and may they? Asks the authenticators and evaluates the rule's conditions; it touches no response. No
/// verdict, or a rule that does not hold: refused.
/// </summary>
internal sealed class AccessDecider(AuthenticatorChain authenticators, TimeProvider time)
{
    /// <summary>Completes at once on a cache hit.</summary>
    public ValueTask<AccessDecision> DecideAsync(HttpContext context, AccessRule rule)
    {
        if (rule.Session is SessionRequirement.None) return default;
        var pending = authenticators.AuthenticateAsync(context);
        if (!pending.IsCompletedSuccessfully) return DecideAsync(context, rule, pending);
        var found = pending.Result;
        var refusal = Check(rule, found, out var failed);
        return refusal is Reason.SecondFactorRequired or Reason.SessionTooOld || LacksJson(rule, found)
            ? DecideAsync(context, rule, new(found))
            : new(new AccessDecision(refusal, found.Caller, found.SetCookies, failed));
    }

    private async ValueTask<AccessDecision> DecideAsync(HttpContext context, AccessRule rule, ValueTask<Authentication> pending)
    {
        var found = await pending;
        var refusal = Check(rule, found, out var failed);
        // Step-up and re-login leave a token's value, and so its cache entry, as it was: look again before refusing for them.
        if (refusal is Reason.SecondFactorRequired or Reason.SessionTooOld)
        {
            if (found.IsCached)
            {
                found = await authenticators.AuthenticateAnewAsync(context);
                refusal = Check(rule, found, out failed);
            }
            else if (found.IsStale)
            {
                refusal = Reason.IdentityProviderUnavailable; // Kratos was asked in vain just now
                failed = null;
            }
        }
        else if (LacksJson(rule, found))
        {
            // It was cached before a rule that reads it was in force.
            found = await authenticators.AuthenticateAnewAsync(context);
            refusal = Check(rule, found, out failed);
            if (LacksJson(rule, found))
                refusal = Reason.IdentityProviderUnavailable;
        }
        return new(refusal, found.Caller, found.SetCookies, failed);
    }

    /// <summary>Whether the rule's mutators would find nothing of a session that there is.</summary>
    private static bool LacksJson(AccessRule rule, in Authentication found) =>
        rule.NeedsSessionJson && found.Caller is { Session: not null, SessionJson: null };

    private Reason? Check(AccessRule rule, in Authentication found, out FailedCondition? failed)
    {
        failed = null;
        if (rule.Session is not SessionRequirement.Required) return null;
        if (found.Caller is not { } caller) return found.Failure ?? Reason.IdentityProviderUnavailable;
        if (rule.Require.Count == 0) return null;
        var context = new RuleContext(caller, time.GetUtcNow());
        var refusal = rule.Check(context);
        if (refusal is not null)
            failed = new(rule.Failing(context)!, context);
        return refusal;
    }
}
