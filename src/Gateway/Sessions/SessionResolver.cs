using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Gateway.Decisions;
using Gateway.Kratos;
using Gateway.Sessions.Cache;

namespace Gateway.Sessions;

/// <summary>The identity headers' values of a session, in the order of their names.</summary>
internal delegate string?[] HeaderValueReader(JsonElement session);

/// <summary>
/// Answers who is calling: from the cache, or by one call to Kratos per credential whatever the concurrency. A cache hit
/// completes synchronously.
/// </summary>
internal sealed class SessionResolver(
    CredentialReader credentials,
    RecentCookies recent,
    SessionCache cache,
    SessionRevocations revocations,
    CacheTrust trust,
    WhoamiCaller whoami,
    KratosReadiness readiness,
    SessionCacheOptions options,
    SessionMetrics metrics,
    TimeProvider time,
    HeaderValueReader headerValues)
{
    /// <summary>A fresh entry is refreshed in the background after this part of its life, so that a steady user never waits.</summary>
    private const double RefreshAfter = 0.75;

    /// <summary>The name of the authenticator that asks here.</summary>
    private const string KratosAuthenticator = "kratos";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<CredentialKey, Flight> _flights = new();

    /// <summary>Who sent this request.</summary>
    public ValueTask<SessionLookup> ResolveAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var now = Now;
        var cookieLine = CredentialReader.OnlyCookieLine(headers);
        if (cookieLine is not null && recent.Find(cookieLine) is { } known
            && cache.TryGet(known.Key, now, out var entry) && IsUsable(entry, now))
            return new(Hit(entry, now, headers));

        if (!credentials.TryRead(headers, out var credential))
            return new(new SessionLookup(SessionVerdict.NoCredential));
        var key = credential.Key();
        if (!cache.TryGet(key, now, out entry) || !IsUsable(entry, now))
            return AskAsync(credential.ToCredential(), key, notBefore: long.MinValue, context.RequestAborted);
        if (cookieLine is not null && credential.Kind is CredentialKind.Cookie && entry.Verdict.Outcome is SessionOutcome.Active)
            recent.Remember(cookieLine, entry.Key);
        return new(Hit(entry, now, headers));
    }

    private SessionLookup Hit(SessionEntry entry, long now, IHeaderDictionary headers)
    {
        if (now >= entry.RefreshAt && entry.TryBeginRefresh() && credentials.Read(headers) is { } credential)
            Join(credential, entry.Key.Credential, Errand.Refresh, out _);
        metrics.CacheHit(entry.Verdict.Outcome);
        return new(entry.Verdict, FromCache: true);
    }

    /// <summary>
    /// Asks Kratos again, whatever is cached: a rule is about to refuse a session that may have stepped up since. Without a
    /// verdict now there is none; the cached one is known to be too old for this.
    /// </summary>
    public ValueTask<SessionLookup> ResolveFreshAsync(HttpContext context) =>
        credentials.Read(context.Request.Headers) is { } credential
            ? AskAsync(credential, credential.Key(), notBefore: time.GetTimestamp(), context.RequestAborted)
            : new(new SessionLookup(SessionVerdict.NoCredential));

    /// <summary>Who holds this credential.</summary>
    public ValueTask<SessionLookup> ResolveAsync(SessionCredential credential, CancellationToken cancellationToken)
    {
        var key = credential.Key();
        var now = Now;
        return cache.TryGet(key, now, out var entry) && IsUsable(entry, now)
            ? new(new SessionLookup(entry.Verdict, FromCache: true))
            : AskAsync(credential, key, notBefore: long.MinValue, cancellationToken);
    }

    private long Now => time.GetUtcNow().UtcTicks;

    /// <summary>Of an entry that has not ended.</summary>
    private bool IsUsable(SessionEntry entry, long now) =>
        now < entry.FreshUntil && trust.Covers(entry.AskedAt, now)
            // "No such session" holds only while Kratos is not known to be in trouble.
            ? entry.Verdict.Outcome is SessionOutcome.Active || readiness.LastKnown is not false
            : now < entry.AskAgainAt;

    /// <param name="notBefore">Do not accept an answer asked for before this timestamp, nor a stale entry.</param>
    private async ValueTask<SessionLookup> AskAsync(SessionCredential credential, CredentialKey key, long notBefore, CancellationToken cancellationToken)
    {
        while (true)
        {
            var flight = Join(credential, key, notBefore == long.MinValue ? Errand.LookUp : Errand.AskAnew, out var isMine);
            var landed = await flight.Landed.WaitAsync(cancellationToken);
            if (flight.Started < notBefore || notBefore != long.MinValue && landed.FromCache) continue;
            if (landed.Verdict.Outcome is SessionOutcome.NoVerdict && notBefore == long.MinValue && TryGetStale(key, out var stale))
            {
                metrics.StaleServed();
                return new(stale, IsStale: true);
            }
            return new(landed.Verdict, landed.FromCache, isMine ? landed.SetCookies : null);
        }
    }

    /// <summary>The call under way for this key, or a new one. Only a new one's starter gets a refreshed cookie.</summary>
    private Flight Join(SessionCredential credential, CredentialKey key, Errand errand, out bool isMine)
    {
        isMine = false;
        if (_flights.TryGetValue(key, out var flight)) return flight;
        var mine = new Flight(time.GetTimestamp());
        flight = _flights.GetOrAdd(key, mine);
        if (!ReferenceEquals(flight, mine)) return flight;
        isMine = true;
        _ = FlyAsync(mine, credential, key, errand);
        return mine;
    }

    /// <summary>One call to Kratos and what follows from it. Never faults: whatever goes wrong is no verdict.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Every waiter must be answered.")]
    private async Task FlyAsync(Flight flight, SessionCredential credential, CredentialKey key, Errand errand)
    {
        var landed = new SessionLookup(SessionVerdict.NoVerdict);
        try
        {
            if (errand is Errand.Refresh) await Task.Yield(); // the request that noticed goes on at once
            // Another flight may have landed between this request's look into the cache and its own take-off.
            var now = Now;
            if (errand is Errand.LookUp && cache.TryGet(key, now, out var entry) && IsUsable(entry, now))
            {
                metrics.CacheHit(entry.Verdict.Outcome);
                landed = new(entry.Verdict, FromCache: true);
                return;
            }
            if (errand is not Errand.Refresh) metrics.CacheMiss();
            landed = await AskKratosAsync(credential, key, background: errand is Errand.Refresh);
        }
        catch (Exception e)
        {
            metrics.LookupFailed(e);
        }
        finally
        {
            _flights.TryRemove(KeyValuePair.Create(key, flight));
            flight.Land(landed);
        }
    }

    private async Task<SessionLookup> AskKratosAsync(SessionCredential credential, CredentialKey key, bool background)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var started = time.GetTimestamp();
            var askedAt = Now;
            var known = cache.TryGet(key, askedAt, out var entry) && entry.Verdict.Outcome is SessionOutcome.Active ? entry : null;
            var answer = await whoami.AskAsync(credential, contradicts: known is not null);
            if (answer.Status is WhoamiStatus.NoVerdict)
            {
                if (known is not null) known.AskAgainAt = (time.GetUtcNow() + RetryDelay).UtcTicks;
                return new(SessionVerdict.NoVerdict);
            }

            var verdict = VerdictOf(answer);
            if (revocations.RevokedSince(started, key, verdict)) continue; // while Kratos was answering: its answer may be older than that
            // A refreshed cookie goes to a caller who waits for it. In the background nobody does: keep the entry as it is, so
            // that the next caller past its end asks for itself and gets the cookie.
            if (!background || answer.SetCookies is null) Store(key, verdict, answer, askedAt);
            if (!revocations.RevokedSince(started, key, verdict)) return new(verdict, SetCookies: answer.SetCookies);
            cache.Remove(key); // revoked between the look above and the store
        }
        return new(SessionVerdict.NoVerdict);
    }

    /// <summary>What an answer of Kratos means here; its JSON is given back.</summary>
    public SessionVerdict VerdictOf(WhoamiAnswer answer)
    {
        using var json = answer.Json;
        return answer.Status switch
        {
            WhoamiStatus.Active => new(SessionOutcome.Active, CallerOf(answer.Session!, headerValues(json!.RootElement))),
            WhoamiStatus.SecondFactorRequired => SessionVerdict.SecondFactorRequired,
            WhoamiStatus.NoSession => SessionVerdict.Invalid,
            _ => SessionVerdict.NoVerdict,
        };
    }

    private static Caller CallerOf(KratosSession session, string?[] headerValues) =>
        new(session.IdentityId, KratosAuthenticator, session.ExpiresAt)
        {
            Session = new(
                session.Id,
                session.SchemaId,
                session.AssuranceLevel,
                session.AuthenticatedAt,
                session.HasVerifiedEmail,
                session.Traits),
            IdentityHeaders = Sharing(session, headerValues),
        };

    /// <summary>The session's own strings in place of equal ones: with 100,000 sessions the copies are 20 MB.</summary>
    private static string?[] Sharing(KratosSession session, string?[] values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = Shared(session, values[i]);
        return values;
    }

    private static string? Shared(KratosSession session, string? value) => value switch
    {
        "aal1" => "aal1",
        "aal2" => "aal2",
        _ when value == session.Id => session.Id,
        _ when value == session.IdentityId => session.IdentityId,
        _ => value,
    };

    private void Store(CredentialKey key, SessionVerdict verdict, WhoamiAnswer answer, long askedAt)
    {
        var now = time.GetUtcNow();
        if (verdict.Caller is { } caller)
        {
            var left = caller.ExpiresAt - now;
            var fresh = Least(options.CacheDuration, left, answer.CacheFor ?? TimeSpan.MaxValue);
            var stale = Least(fresh + options.StaleIfError, left);
            cache.Set(new SessionEntry(key, verdict, askedAt, (now + fresh * RefreshAfter).UtcTicks, (now + fresh).UtcTicks, (now + stale).UtcTicks));
        }
        else if (verdict.Outcome is SessionOutcome.Invalid)
        {
            var until = (now + options.NegativeCacheDuration).UtcTicks;
            cache.Set(new SessionEntry(key, verdict, askedAt, until, until, until));
        }
        else
        {
            cache.Remove(key); // step-up needed: never remembered, the next request may have it
        }
    }

    private bool TryGetStale(in CredentialKey key, out SessionVerdict verdict)
    {
        if (cache.TryGet(key, Now, out var entry) && entry.Verdict.Outcome is SessionOutcome.Active)
        {
            verdict = entry.Verdict;
            return true;
        }
        verdict = SessionVerdict.NoVerdict;
        return false;
    }

    private static TimeSpan Least(params ReadOnlySpan<TimeSpan> spans)
    {
        var least = spans[0];
        foreach (var span in spans)
            if (span < least) least = span;
        return least < TimeSpan.Zero ? TimeSpan.Zero : least;
    }

    /// <summary>What a flight is for: a request that found nothing usable cached, one that wants a newer answer, or nobody who waits.</summary>
    private enum Errand { LookUp, AskAnew, Refresh }

    /// <summary>A call to Kratos under way, and those who wait for it.</summary>
    private sealed class Flight(long started)
    {
        private readonly TaskCompletionSource<SessionLookup> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Started { get; } = started;

        public Task<SessionLookup> Landed => _landed.Task;

        public void Land(SessionLookup lookup) => _landed.SetResult(lookup);
    }
}
