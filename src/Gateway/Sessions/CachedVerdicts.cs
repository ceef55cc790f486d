using System.Diagnostics.CodeAnalysis;
using Gateway.Kratos;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;

namespace Gateway.Sessions;

/// <summary>What the cache holds, by what it may still be used for.</summary>
internal sealed class CachedVerdicts(
    SessionCache cache, EntryLifetimes lifetimes, CacheTrust trust, KratosReadiness readiness, TimeProvider time)
{
    /// <summary>The credential's entry if it answers at <paramref name="now"/> (UTC ticks) without Kratos.</summary>
    public bool TryGetUsable(CacheKey key, long now, [NotNullWhen(true)] out SessionEntry? entry) =>
        cache.TryGet(key, now, out entry) && IsUsable(entry, now);

    /// <inheritdoc cref="TryGetUsable(CacheKey, long, out SessionEntry?)"/>
    public bool TryGetUsable(in CredentialKey key, long now, [NotNullWhen(true)] out SessionEntry? entry) =>
        cache.TryGet(key, now, out entry) && IsUsable(entry, now);

    /// <summary>
    /// The credential's session, fresh or stale, unless it has ended: it answers while Kratos gives no verdict.
    /// </summary>
    public SessionEntry? FindSession(in CredentialKey key, long now) =>
        cache.TryGet(key, now, out var entry) && entry.Verdict.Outcome is SessionOutcome.Active ? entry : null;

    /// <param name="cacheFor">Kratos' <c>Ory-Session-Cache-For</c>: the longest it may be fresh; null: not said.</param>
    /// <param name="askedAt">When the question was put to Kratos (UTC ticks).</param>
    public void Store(CredentialKey key, SessionVerdict verdict, TimeSpan? cacheFor, long askedAt)
    {
        var now = time.GetUtcNow();
        if (verdict.Caller is { } caller)
            Store(key, verdict, askedAt, lifetimes.OfSession(caller.ExpiresAt, cacheFor, now));
        else if (verdict.Outcome is SessionOutcome.Invalid)
            Store(key, verdict, askedAt, lifetimes.OfRefusal(now));
        else
            cache.Remove(key); // step-up needed: never remembered, the next request may have it
    }

    public void Remove(in CredentialKey key) => cache.Remove(key);

    private void Store(CredentialKey key, SessionVerdict verdict, long askedAt, EntryLifetime lifetime) =>
        cache.Set(new(key, verdict, askedAt, lifetime.RefreshAt, lifetime.FreshUntil, lifetime.StaleUntil));

    private bool IsUsable(SessionEntry entry, long now) =>
        EntryLifetimes.IsUsable(entry, now, trust.Covers(entry.AskedAt, now), readiness.LastKnown);
}
