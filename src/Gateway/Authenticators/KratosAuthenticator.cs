using Gateway.Decisions;
using Gateway.Sessions;

namespace Gateway.Authenticators;

/// <summary>The caller by their Kratos session: from the cache, or by asking Kratos.</summary>
internal sealed class KratosAuthenticator(SessionResolver sessions, TimeProvider time) : Authenticator
{
    public override ValueTask<Authentication> AuthenticateAsync(HttpContext context)
    {
        var lookup = sessions.ResolveAsync(context);
        return lookup.IsCompletedSuccessfully ? new(Read(lookup.Result)) : ReadAsync(lookup);
    }

    public override ValueTask<Authentication> AuthenticateAnewAsync(HttpContext context) =>
        ReadAsync(sessions.ResolveFreshAsync(context));

    private async ValueTask<Authentication> ReadAsync(ValueTask<SessionLookup> lookup) => Read(await lookup);

    /// <summary>What a look-up says of the caller now.</summary>
    public Authentication Read(in SessionLookup lookup)
    {
        var caller = lookup.Verdict.Caller;
        var failure = lookup.Verdict.Outcome switch
        {
            SessionOutcome.Active when caller!.ExpiresAt > time.GetUtcNow() => default(Reason?),
            SessionOutcome.Active or SessionOutcome.Invalid => Reason.SessionInvalid,
            SessionOutcome.NoCredential => Reason.NoSession,
            SessionOutcome.SecondFactorRequired => Reason.SecondFactorRequired,
            _ => Reason.IdentityProviderUnavailable,
        };
        return new(failure is null ? caller : null, failure, lookup.SetCookies, lookup.FromCache, lookup.IsStale);
    }
}
