using Gateway.Kratos;
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

/// <summary>Asks Kratos, by one call per credential whatever the concurrency, and stores its verdict.</summary>
internal sealed class SessionLookups(
    CachedVerdicts cached,
    WhoamiCaller whoami,
    WhoamiVerdicts verdicts,
    SessionRevocations revocations,
    SessionMetrics metrics,
    TimeProvider time)
{
    private readonly SingleFlight<CredentialKey, SessionLookup> _calls =
        new(new(SessionVerdict.NoVerdict), metrics.LookupFailed, time);

    /// <summary>The call under way for this credential, or a new one. Only who starts it gets a refreshed cookie.</summary>
    public SingleFlight<CredentialKey, SessionLookup>.Call Join(
        SessionCredential credential, CredentialKey key, LookupPurpose purpose, out bool isStarter) =>
        _calls.Join(
            key,
            (Lookups: this, credential, key, purpose),
            static call => call.Lookups.AnswerAsync(call.credential, call.key, call.purpose),
            out isStarter);

    private async Task<SessionLookup> AnswerAsync(SessionCredential credential, CredentialKey key, LookupPurpose purpose)
    {
        if (purpose is LookupPurpose.BackgroundRefresh)
        {
            await Task.Yield(); // the request that noticed goes on at once
            return await AskKratosAsync(credential, key, isBackground: true);
        }

        // Another call may have been answered between this request's look into the cache and this call's start.
        if (purpose is LookupPurpose.Miss && cached.TryGetUsable(key, time.GetUtcNow().UtcTicks, out var entry))
        {
            metrics.CacheHit(entry.Verdict.Outcome);
            return new(entry.Verdict, FromCache: true);
        }
        metrics.CacheMiss();
        return await AskKratosAsync(credential, key, isBackground: false);
    }

    private async Task<SessionLookup> AskKratosAsync(SessionCredential credential, CredentialKey key, bool isBackground)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var started = time.GetTimestamp();
            var askedAt = time.GetUtcNow().UtcTicks;
            var known = cached.FindSession(key, askedAt);
            var answer = await whoami.AskAsync(credential, contradicts: known is not null);
            if (answer.Status is WhoamiStatus.NoVerdict)
            {
                known?.AskAgainAt = EntryLifetimes.AskAgainAt(time.GetUtcNow());
                return new(SessionVerdict.NoVerdict);
            }

            var verdict = verdicts.Of(answer);
            // Revoked while Kratos was answering: its answer may be older than that.
            if (revocations.RevokedSince(started, key, verdict)) continue;
            // A refreshed cookie goes to a caller who waits for it. In the background nobody does: keep the entry as it is, so
            // that the next caller past its end asks for itself and gets the cookie.
            if (!isBackground || answer.SetCookies is null)
                cached.Store(key, verdict, answer.CacheFor, askedAt);
            if (!revocations.RevokedSince(started, key, verdict)) return new(verdict, SetCookies: answer.SetCookies);
            cached.Remove(key); // revoked between the look above and the store
        }
        return new(SessionVerdict.NoVerdict);
    }
}
