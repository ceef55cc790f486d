using System.Net;
using Gateway.Kratos;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Gateway.Sessions.Revocations;

namespace Gateway.Sessions;

/// <summary>What a look-up is for.</summary>
internal enum LookupPurpose
{
    /// <summary>Nothing usable was cached.</summary>
    Miss,

    /// <summary>What is cached is too old for whoever asks.</summary>
    Revalidation,

    /// <summary>The entry is about to end. Nobody waits.</summary>
    BackgroundRefresh,
}

/// <summary>Who asks, and what for.</summary>
/// <param name="Client">The address of whose request it is.</param>
internal readonly record struct Asker(LookupPurpose Purpose, IPAddress? Client);

/// <summary>A question that was put to Kratos.</summary>
/// <param name="At">When (UTC ticks).</param>
/// <param name="IsRevoked">Whether what it was about was revoked since.</param>
internal readonly record struct Question(long At, LookupPurpose Purpose, Func<bool> IsRevoked);

/// <summary>Asks Kratos, by one call per credential whatever the concurrency, and stores its verdict.</summary>
internal sealed class SessionLookups(
    CachedVerdicts cached,
    WhoamiCaller whoami,
    WhoamiVerdicts verdicts,
    SessionRevocations revocations,
    SessionMetrics metrics,
    TimeProvider time)
{
    /// <summary>
    /// How long a rule that would refuse a session does not have Kratos asked again: whoever is refused comes again at once.
    /// </summary>
    private static readonly TimeSpan RevalidatedFor = TimeSpan.FromSeconds(2);

    private readonly SingleFlight<CredentialKey, SessionLookup> _calls =
        new(new(SessionVerdict.NoVerdict), metrics.LookupFailed, time);

    /// <summary>The call under way for this credential, or a new one.</summary>
    public SingleFlight<CredentialKey, SessionLookup>.Call Join(
        SessionCredential credential, CredentialKey key, Asker asker) =>
        _calls.Join(
            key,
            (Lookups: this, credential, key, asker),
            static call => call.Lookups.AnswerAsync(call.credential, call.key, call.asker));

    /// <summary>Kratos has just handed out the credential: its first question goes before strangers'.</summary>
    public void Expect(SessionCredential credential) => cached.Expect(credential);

    /// <summary>Whether Kratos was asked anew for the entry just now, and with it all that rules read is there.</summary>
    public bool IsRevalidated(SessionEntry entry, long now) =>
        entry.IsRevalidated
        && now - entry.AskedAt < RevalidatedFor.Ticks
        && entry.Verdict.Caller is { } caller
        && verdicts.IsComplete(caller);

    private async Task<SessionLookup> AnswerAsync(SessionCredential credential, CredentialKey key, Asker asker)
    {
        if (asker.Purpose is LookupPurpose.BackgroundRefresh)
        {
            await Task.Yield(); // the request that noticed goes on at once
            return await AskKratosAsync(credential, key, asker);
        }

        // Another call may have been answered between this request's look into the cache and this call's start.
        if (asker.Purpose is LookupPurpose.Miss && cached.TryGetUsable(key, time.GetUtcNow().UtcTicks, out var entry))
        {
            metrics.CacheHit(entry.Verdict.Outcome);
            return new(entry.Verdict, FromCache: true);
        }
        metrics.CacheMiss();
        return await AskKratosAsync(credential, key, asker);
    }

    private async Task<SessionLookup> AskKratosAsync(SessionCredential credential, CredentialKey key, Asker asker)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var started = time.GetTimestamp();
            var askedAt = time.GetUtcNow().UtcTicks;
            var known = cached.FindSession(key, askedAt);
            var origin = cached.OriginOf(key, credential, asker.Client);
            var answer = await whoami.AskAsync(credential, origin, contradicts: known is not null);
            var verdict = Judge(answer, known, key);
            if (verdict.Outcome is SessionOutcome.NoVerdict) return new(verdict);
            cached.Learn(key, credential, verdict);

            // Revoked while Kratos was answering: its answer may be older than that.
            bool IsRevoked() => revocations.RevokedSince(started, key, verdict);
            // A refreshed cookie goes to a caller who waits for it. In the background nobody does: keep the entry as it is, so
            // that the next caller past its end asks for itself and gets the cookie.
            var isCurrent = asker.Purpose is LookupPurpose.BackgroundRefresh && answer.SetCookies is not null
                ? !IsRevoked()
                : cached.Store(key, verdict, answer.CacheFor, new(askedAt, asker.Purpose, IsRevoked));
            if (isCurrent) return new(verdict, SetCookies: answer.SetCookies);
        }
        return new(SessionVerdict.NoVerdict);
    }

    /// <summary>What the answer means for this credential, which has the session <paramref name="known"/> or none.</summary>
    private SessionVerdict Judge(WhoamiAnswer answer, SessionEntry? known, CredentialKey key)
    {
        var isRefused = answer.Status is WhoamiStatus.NoSession || answer.Cause is NoVerdictCause.Disbelieved;
        if (isRefused && known is null && revocations.IsRevoked(key)) return SessionVerdict.Invalid; // Kratos only confirms it
        var isDoubted = answer.Status is WhoamiStatus.NoSession && !cached.Believes(known);
        if (isDoubted || answer.Cause is NoVerdictCause.Disbelieved)
            metrics.RefusalDoubted(isDoubted);
        if (answer.Status is not WhoamiStatus.NoVerdict && !isDoubted) return verdicts.Of(answer);
        if (known is not null)
            cached.ServeOn(known, isRefused);
        return SessionVerdict.NoVerdict;
    }
}
