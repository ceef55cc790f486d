using System.Diagnostics.CodeAnalysis;
using System.Net;
using Gateway.Kratos;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;

namespace Gateway.Sessions;

/// <summary>What the cache holds, by what it may still be used for.</summary>
internal sealed class CachedVerdicts(
    SessionCache cache,
    EntryLifetimes lifetimes,
    CacheTrust trust,
    KratosReadiness readiness,
    KnownCredentials known,
    TimeProvider time)
{
    private readonly RefusalBurst _burst = new(time);

    /// <summary>The credential's entry if it answers at <paramref name="now"/> (UTC ticks) without Kratos.</summary>
    public bool TryGetUsable(CacheKey key, long now, [NotNullWhen(true)] out SessionEntry? entry) =>
        cache.TryGet(key, now, out entry) && IsUsable(entry, now);

    /// <inheritdoc cref="TryGetUsable(CacheKey, long, out SessionEntry?)"/>
    public bool TryGetUsable(in CredentialKey key, long now, [NotNullWhen(true)] out SessionEntry? entry) =>
        cache.TryGet(key, now, out entry) && IsUsable(entry, now);

    /// <summary>The credential's session, fresh or stale, unless it has ended.</summary>
    public SessionEntry? FindSession(in CredentialKey key, long now) =>
        cache.TryGet(key, now, out var entry) && entry.Verdict.Outcome is SessionOutcome.Active ? entry : null;

    /// <summary>The credential's session, if it answers while Kratos gives no verdict.</summary>
    public SessionEntry? FindServing(in CredentialKey key, long now) =>
        FindSession(key, now) is { } entry && now < ServesUntil(entry) ? entry : null;

    /// <summary>For whom a question about the credential is.</summary>
    public CallOrigin OriginOf(in CredentialKey key, in SessionCredential credential, IPAddress? client) =>
        new(client, known.Contains(key), known.IsLikely(credential));

    /// <summary>Kratos has just handed out the credential.</summary>
    public void Expect(in SessionCredential credential) => known.Add(credential.Key(), credential);

    /// <summary>What Kratos said of the credential counts when it is asked about again.</summary>
    public void Learn(in CredentialKey key, in SessionCredential credential, SessionVerdict verdict)
    {
        if (verdict.Outcome is SessionOutcome.Invalid)
            known.Remove(key);
        else
            known.Add(key, credential);
    }

    /// <summary>
    /// Whether a refusal is believed, of a credential with this session or none: not while many people are refused who were
    /// signed in a moment ago, until the session has served as long as it may.
    /// </summary>
    public bool Believes(SessionEntry? session)
    {
        if (session is null) return !_burst.IsOn;
        var isOver = time.GetUtcNow().UtcTicks >= lifetimes.ServesUntil(session, areRefusalsDoubtful: true);
        if (isOver || (session.Doubt is not Doubt.Burst && _burst.Believes(session.Verdict.Caller!.Subject, cache.IdentityCount)))
            return true;
        session.Doubt = Doubt.Burst;
        return false;
    }

    /// <summary>Kratos gave no verdict: the session serves on for a moment before Kratos is asked again.</summary>
    /// <param name="isRefused">Kratos did refuse it, but was not believed.</param>
    public void ServeOn(SessionEntry session, bool isRefused)
    {
        // While it shows that Kratos is in trouble, the session serves for as long as in any other.
        if (isRefused && readiness.QueriesFail && session.Doubt is Doubt.None)
            session.Doubt = Doubt.Outage;
        session.AskAgainAt = Math.Min(EntryLifetimes.AskAgainAt(session, time.GetUtcNow()), ServesUntil(session));
    }

    /// <param name="cacheFor">Kratos' <c>Ory-Session-Cache-For</c>: the longest it may be fresh; null: not said.</param>
    /// <param name="asked">The question that the verdict answers.</param>
    /// <returns>False: it is revoked, and nothing was stored.</returns>
    public bool Store(CredentialKey key, SessionVerdict verdict, TimeSpan? cacheFor, in Question asked)
    {
        var now = time.GetUtcNow();
        if (verdict.Caller is { } caller)
            return Store(key, verdict, asked, lifetimes.OfSession(caller.ExpiresAt, cacheFor, now));
        if (verdict.Outcome is SessionOutcome.Invalid)
            return Store(key, verdict, asked, lifetimes.OfRefusal(now));
        cache.Remove(key); // step-up needed: never remembered, the next request may have it
        return !asked.IsRevoked();
    }

    private bool Store(CredentialKey key, SessionVerdict verdict, in Question asked, EntryLifetime lifetime)
    {
        var entry = new SessionEntry(
            key, verdict, asked.At, lifetime.RefreshAt, lifetime.FreshUntil, lifetime.StaleUntil)
        {
            IsRevalidated = asked.Purpose is LookupPurpose.Revalidation,
        };
        return cache.Set(entry, asked.IsRevoked);
    }

    private long ServesUntil(SessionEntry session) => lifetimes.ServesUntil(session, readiness.QueriesFail);

    private bool IsUsable(SessionEntry entry, long now) =>
        EntryLifetimes.IsUsable(
            entry,
            now,
            trust.Covers(entry.AskedAt, now),
            entry.Verdict.Outcome is SessionOutcome.Active ? null : readiness.CanRefuse);
}
