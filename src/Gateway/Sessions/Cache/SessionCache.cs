using System.Diagnostics.CodeAnalysis;
using Gateway.Sessions.Credentials;

namespace Gateway.Sessions.Cache;

/// <summary>
/// The verdicts by hashed credential, findable by session and identity id. Refused credentials have a store of their own, so that
/// a flood of invented ones cannot push out people who are signed in; nor can one of them do so with many Cookie headers from
/// which Kratos reads one session.
/// </summary>
internal sealed class SessionCache : IDisposable
{
    /// <summary>The most entries of one session: its token and a few lists of cookies that hold it.</summary>
    private const int MostOfSession = 4;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly EntryStore _sessions;
    private readonly EntryStore _refused;
    private readonly IdIndex _bySession = new(
        static entry => entry.Verdict.Caller!.Session!.Id,
        static entry => ref entry.OfSession);
    private readonly IdIndex _byIdentity = new(
        static entry => entry.Verdict.Caller!.Subject,
        static entry => ref entry.OfIdentity);

    /// <summary>A key for looking up a credential that was hashed just now, of which no key is at hand.</summary>
    private readonly ThreadLocal<CacheKey> _lookUpKey = new(static () => new(default));

    /// <summary>For whoever writes; nearly every write follows a call to Kratos and takes about a microsecond.</summary>
    private readonly Lock _writing = new();

    public SessionCache(SessionCacheOptions options, TimeProvider time)
    {
        _time = time;
        _sessions = new(options.MaxEntries, _bySession, _byIdentity);
        _refused = new(Math.Max(100, options.MaxEntries / 10));
        _sweep = time.CreateTimer(static cache => ((SessionCache)cache!).Sweep(), this, SweepEvery, SweepEvery);
    }

    public int Count => _sessions.Count;

    public int RefusedCount => _refused.Count;

    /// <summary>How many identities have a session here.</summary>
    public int IdentityCount
    {
        get
        {
            lock (_writing)
            {
                return _byIdentity.Count;
            }
        }
    }

    /// <summary>
    /// The credential's entry, unless it has ended by <paramref name="now"/> (UTC ticks) or was asked for after it, as when the
    /// clock was set back. Synchronous, without a lock, allocates nothing.
    /// </summary>
    public bool TryGet(CacheKey key, long now, [NotNullWhen(true)] out SessionEntry? entry)
    {
        entry = _sessions.Find(key) ?? _refused.Find(key);
        return entry is not null && entry.CountsAt(now);
    }

    /// <inheritdoc cref="TryGet(CacheKey, long, out SessionEntry?)"/>
    public bool TryGet(in CredentialKey credential, long now, [NotNullWhen(true)] out SessionEntry? entry) =>
        TryGet(_lookUpKey.Value!.Become(credential), now, out entry);

    /// <summary>
    /// Replaces the credential's entry, or only removes it when the new one has ended already. Nobody sees the new one before
    /// <paramref name="isRevoked"/> has said no.
    /// </summary>
    /// <param name="isRevoked">Asked while no revocation can remove anything: what is revoked later is removed later.</param>
    /// <returns>False: it is revoked, and nothing was stored.</returns>
    public bool Set(SessionEntry entry, Func<bool>? isRevoked = null)
    {
        var now = _time.GetUtcNow().UtcTicks;
        lock (_writing)
        {
            if (isRevoked?.Invoke() is true)
            {
                return false;
            }
            if (!entry.CountsAt(now))
            {
                Drop(entry.Key);
            }
            else if (entry.Verdict.Caller is null)
            {
                _sessions.Remove(entry.Key);
                _refused.Set(entry, now);
            }
            else
            {
                _sessions.Set(entry, now);
                _refused.Remove(entry.Key);
                if (_bySession.Behind(entry.Verdict.Caller.Session!.Id, newer: MostOfSession) is { } oldest)
                {
                    _sessions.Remove(oldest);
                }
            }
            return true;
        }
    }

    public void Remove(in CredentialKey credential)
    {
        var key = new CacheKey(credential);
        lock (_writing)
        {
            Drop(key);
        }
    }

    /// <summary>Drops every entry of a session; returns how many there were.</summary>
    /// <param name="removed">Hears whose they were.</param>
    public int RemoveSession(string sessionId, Action<CredentialKey>? removed = null) =>
        RemoveAll(_bySession, sessionId, removed);

    /// <summary>Drops every entry of an identity; returns how many there were.</summary>
    /// <inheritdoc cref="RemoveSession"/>
    public int RemoveIdentity(string identityId, Action<CredentialKey>? removed = null) =>
        RemoveAll(_byIdentity, identityId, removed);

    /// <summary>Whoever is still on the way at the end of the process may go on looking up.</summary>
    public void Dispose() => _sweep.Dispose();

    private int RemoveAll(IdIndex index, string id, Action<CredentialKey>? removed)
    {
        lock (_writing)
        {
            var count = 0;
            for (; index.Newest(id) is { } entry; count++)
            {
                _sessions.Remove(entry);
                removed?.Invoke(entry.Key.Credential);
            }
            return count;
        }
    }

    /// <summary>Frees the memory of what has ended, whether or not anything is asked for.</summary>
    private void Sweep()
    {
        var now = _time.GetUtcNow().UtcTicks;
        lock (_writing)
        {
            _sessions.RemoveEnded(now);
        }
        lock (_writing)
        {
            _refused.RemoveEnded(now);
        }
    }

    private void Drop(CacheKey key)
    {
        _sessions.Remove(key);
        _refused.Remove(key);
    }
}
