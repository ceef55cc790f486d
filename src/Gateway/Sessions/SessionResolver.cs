using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;

namespace Gateway.Sessions;

/// <summary>
/// Answers who is calling: from the cache, or by asking Kratos. A cache hit completes synchronously.
/// </summary>
internal sealed class SessionResolver(
    CredentialReader credentials,
    RecentCookies recent,
    CachedVerdicts cached,
    SessionLookups lookups,
    SessionMetrics metrics,
    TimeProvider time)
{
    private long Now => time.GetUtcNow().UtcTicks;

    /// <summary>Who sent this request.</summary>
    public ValueTask<SessionLookup> ResolveAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var now = Now;
        var cookieLine = CredentialReader.OnlyCookieLine(headers);
        if (cookieLine is not null
            && recent.Find(cookieLine) is { } known
            && cached.TryGetUsable(known.Key, now, out var entry))
            return new(Hit(entry, now, headers));

        if (!credentials.TryRead(headers, out var credential))
            return new(new SessionLookup(SessionVerdict.NoCredential));
        var key = credential.Key();
        if (!cached.TryGetUsable(key, now, out entry))
            return AskAsync(credential.ToCredential(), key, context.RequestAborted);
        if (cookieLine is not null && credential.Kind is CredentialKind.Cookie && entry.Verdict.Outcome is SessionOutcome.Active)
            recent.Remember(cookieLine, entry.Key);
        return new(Hit(entry, now, headers));
    }

    /// <summary>Who holds this credential.</summary>
    public ValueTask<SessionLookup> ResolveAsync(SessionCredential credential, CancellationToken cancellationToken)
    {
        var key = credential.Key();
        return cached.TryGetUsable(key, Now, out var entry)
            ? new(new SessionLookup(entry.Verdict, FromCache: true))
            : AskAsync(credential, key, cancellationToken);
    }

    /// <summary>
    /// Asks Kratos again, whatever is cached: a rule is about to refuse a session that may have stepped up since. Without a
    /// verdict now there is none; the cached one is known to be too old for this.
    /// </summary>
    public ValueTask<SessionLookup> ResolveFreshAsync(HttpContext context) =>
        credentials.Read(context.Request.Headers) is { } credential
            ? AskAnewAsync(credential, credential.Key(), context.RequestAborted)
            : new(new SessionLookup(SessionVerdict.NoCredential));

    /// <summary>
    /// Whether a session goes on that a request began with, for whoever can hand nobody a renewed cookie. While Kratos gives no
    /// verdict, a cached one serves.
    /// </summary>
    /// <param name="beyond">A cached session counts without asking if it lasts longer.</param>
    public async ValueTask<SessionVerdict> ConfirmAsync(SessionCredential credential, DateTimeOffset beyond)
    {
        var key = credential.Key();
        if (cached.TryGetUsable(key, Now, out var entry) && entry.Verdict.Caller is { } caller && caller.ExpiresAt > beyond)
            return entry.Verdict;
        var call = lookups.Join(credential, key, LookupPurpose.BackgroundRefresh, out _);
        var verdict = (await call.WaitAsync(CancellationToken.None)).Verdict;
        return verdict.Outcome is SessionOutcome.NoVerdict && cached.FindSession(key, Now) is { } stale ? stale.Verdict : verdict;
    }

    private SessionLookup Hit(SessionEntry entry, long now, IHeaderDictionary headers)
    {
        if (EntryLifetimes.IsDueForRefresh(entry, now)
            && entry.TryBeginRefresh()
            && credentials.Read(headers) is { } credential)
            lookups.Join(credential, entry.Key.Credential, LookupPurpose.BackgroundRefresh, out _);
        metrics.CacheHit(entry.Verdict.Outcome);
        return new(entry.Verdict, FromCache: true);
    }

    private async ValueTask<SessionLookup> AskAsync(
        SessionCredential credential, CredentialKey key, CancellationToken cancellationToken)
    {
        var call = lookups.Join(credential, key, LookupPurpose.Miss, out var isStarter);
        var answer = await call.WaitAsync(cancellationToken);
        if (answer.Verdict.Outcome is SessionOutcome.NoVerdict && cached.FindSession(key, Now) is { } stale)
        {
            metrics.StaleServed();
            return new(stale.Verdict, IsStale: true);
        }
        return ForCaller(answer, isStarter);
    }

    /// <summary>Accepts no answer to a question that was put before this one.</summary>
    private async ValueTask<SessionLookup> AskAnewAsync(
        SessionCredential credential, CredentialKey key, CancellationToken cancellationToken)
    {
        var arrivedAt = time.GetTimestamp();
        while (true)
        {
            var call = lookups.Join(credential, key, LookupPurpose.Revalidation, out var isStarter);
            var answer = await call.WaitAsync(cancellationToken);
            if (call.StartedAt >= arrivedAt && !answer.FromCache) return ForCaller(answer, isStarter);
        }
    }

    private static SessionLookup ForCaller(SessionLookup answer, bool isStarter) =>
        isStarter ? answer : answer with { SetCookies = null };
}
