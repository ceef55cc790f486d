using System.Net;
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
            return AskAsync(credential.ToCredential(), key, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (cookieLine is not null && credential.Kind is CredentialKind.Cookie && entry.Verdict.Outcome is SessionOutcome.Active)
            recent.Remember(cookieLine, entry.Key);
        return new(Hit(entry, now, headers));
    }

    /// <summary>Who holds this credential.</summary>
    /// <param name="client">The address of whose request it is about.</param>
    public ValueTask<SessionLookup> ResolveAsync(
        SessionCredential credential, IPAddress? client, CancellationToken cancellationToken)
    {
        var key = credential.Key();
        return cached.TryGetUsable(key, Now, out var entry)
            ? new(new SessionLookup(entry.Verdict, FromCache: true))
            : AskAsync(credential, key, client, cancellationToken);
    }

    /// <summary>
    /// Asks Kratos again, whatever is cached: a rule is about to refuse a session that may have stepped up since. Without a
    /// verdict now there is none; the cached one is known to be too old for this. Not again within 2 seconds.
    /// </summary>
    public ValueTask<SessionLookup> ResolveFreshAsync(HttpContext context)
    {
        if (credentials.Read(context.Request.Headers) is not { } credential)
            return new(new SessionLookup(SessionVerdict.NoCredential));
        var (key, now) = (credential.Key(), Now);
        return cached.TryGetUsable(key, now, out var entry) && lookups.IsRevalidated(entry, now)
            ? new(new SessionLookup(entry.Verdict, FromCache: true))
            : AskAnewAsync(credential, key, context.Connection.RemoteIpAddress, context.RequestAborted);
    }

    /// <summary>Kratos has just handed out this credential.</summary>
    public void Expect(SessionCredential credential) => lookups.Expect(credential);

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
        var call = lookups.Join(credential, key, new(LookupPurpose.BackgroundRefresh, Client: null));
        var verdict = (await call.WaitAsync(CancellationToken.None)).Verdict;
        return verdict.Outcome is SessionOutcome.NoVerdict && cached.FindServing(key, Now) is { } stale ? stale.Verdict : verdict;
    }

    private SessionLookup Hit(SessionEntry entry, long now, IHeaderDictionary headers)
    {
        if (EntryLifetimes.IsDueForRefresh(entry, now)
            && entry.TryBeginRefresh()
            && credentials.Read(headers) is { } credential)
            lookups.Join(credential, entry.Key.Credential, new(LookupPurpose.BackgroundRefresh, Client: null));
        metrics.CacheHit(entry.Verdict.Outcome);
        return new(entry.Verdict, FromCache: true);
    }

    private async ValueTask<SessionLookup> AskAsync(
        SessionCredential credential, CredentialKey key, IPAddress? client, CancellationToken cancellationToken)
    {
        var call = lookups.Join(credential, key, new(LookupPurpose.Miss, client));
        var answer = await call.WaitAsync(cancellationToken);
        if (answer.Verdict.Outcome is SessionOutcome.NoVerdict && cached.FindServing(key, Now) is { } stale)
        {
            metrics.StaleServed();
            return new(stale.Verdict, IsStale: true);
        }
        return ForCaller(answer, call, cancellationToken);
    }

    /// <summary>Accepts no answer to a question that was put before this one.</summary>
    private async ValueTask<SessionLookup> AskAnewAsync(
        SessionCredential credential, CredentialKey key, IPAddress? client, CancellationToken cancellationToken)
    {
        var arrivedAt = time.GetTimestamp();
        while (true)
        {
            var call = lookups.Join(credential, key, new(LookupPurpose.Revalidation, client));
            var answer = await call.WaitAsync(cancellationToken);
            if (call.StartedAt >= arrivedAt && !answer.FromCache) return ForCaller(answer, call, cancellationToken);
        }
    }

    /// <summary>A renewed cookie is for one caller: the first of those who wait and have not gone away.</summary>
    private static SessionLookup ForCaller(
        SessionLookup answer,
        SingleFlight<CredentialKey, SessionLookup>.Call call,
        CancellationToken cancellationToken) =>
        answer.SetCookies is not null && (cancellationToken.IsCancellationRequested || !call.TryTake())
            ? answer with { SetCookies = null }
            : answer;
}
