using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Sessions;

/// <summary>One cached verdict. Times are UTC ticks of the gateway's <see cref="TimeProvider"/>.</summary>
internal sealed class SessionEntry(string key, SessionVerdict verdict, long askedAt, long refreshAt, long freshUntil, long staleUntil)
{
    private int _refreshing;
    private long _askAgainAt;

    /// <summary>The hash of its credential.</summary>
    public string Key { get; } = key;

    public SessionVerdict Verdict { get; } = verdict;

    /// <summary>When the question was put to Kratos.</summary>
    public long AskedAt { get; } = askedAt;

    /// <summary>From here on the first request to come refreshes the entry behind its back.</summary>
    public long RefreshAt { get; } = refreshAt;

    public long FreshUntil { get; } = freshUntil;

    /// <summary>Until here the verdict serves while Kratos gives none.</summary>
    public long StaleUntil { get; } = staleUntil;

    /// <summary>True for exactly one caller.</summary>
    public bool TryBeginRefresh() => Volatile.Read(ref _refreshing) == 0 && Interlocked.Exchange(ref _refreshing, 1) == 0;

    /// <summary>While Kratos is in trouble a stale entry serves at once, without waiting for another failing call, until this time.</summary>
    public long AskAgainAt
    {
        get => Volatile.Read(ref _askAgainAt);
        set => Volatile.Write(ref _askAgainAt, value);
    }
}

/// <summary>
/// The verdicts by hashed credential, findable by session and identity id. Refused credentials live in a cache of their
/// own, so that a flood of invented ones cannot push out people who are signed in.
/// </summary>
internal sealed class SessionCache : IDisposable
{
    private readonly MemoryCache _sessions;
    private readonly MemoryCache _refused;
    private readonly EntryIndex _bySession = new();
    private readonly EntryIndex _byIdentity = new();
    private readonly PostEvictionCallbackRegistration _forget;

    public SessionCache(SessionCacheOptions options)
    {
        _sessions = new(new MemoryCacheOptions { SizeLimit = options.MaxEntries });
        _refused = new(new MemoryCacheOptions { SizeLimit = Math.Max(100, options.MaxEntries / 10) });
        _forget = new() { EvictionCallback = (_, value, _, _) => Forget((SessionEntry)value!) };
    }

    public int Count => _sessions.Count;

    public int RefusedCount => _refused.Count;

    public bool TryGet(ReadOnlySpan<char> key, out SessionEntry entry)
    {
        if (_sessions.TryGetValue(key, out var value) || _refused.TryGetValue(key, out value))
        {
            entry = (SessionEntry)value!;
            return true;
        }
        entry = null!;
        return false;
    }

    public void Set(SessionEntry entry, TimeSpan lifetime)
    {
        if (lifetime <= TimeSpan.Zero)
        {
            Remove(entry.Key);
            return;
        }
        var options = new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = lifetime };
        if (entry.Verdict.Session is not { } session)
        {
            _sessions.Remove(entry.Key);
            _refused.Set(entry.Key, entry, options);
            return;
        }

        _refused.Remove(entry.Key);
        _bySession.Add(session.Id, entry);
        _byIdentity.Add(session.IdentityId, entry);
        options.PostEvictionCallbacks.Add(_forget);
        _sessions.Set(entry.Key, entry, options);
    }

    public void Remove(string key)
    {
        _sessions.Remove(key);
        _refused.Remove(key);
    }

    /// <summary>Drops every entry of a session; returns how many there were.</summary>
    public int RemoveSession(string sessionId) => RemoveAll(_bySession.Keys(sessionId));

    /// <summary>Drops every entry of an identity; returns how many there were.</summary>
    public int RemoveIdentity(string identityId) => RemoveAll(_byIdentity.Keys(identityId));

    public void Dispose()
    {
        _sessions.Dispose();
        _refused.Dispose();
    }

    private int RemoveAll(string[] keys)
    {
        foreach (var key in keys) _sessions.Remove(key);
        return keys.Length;
    }

    private void Forget(SessionEntry entry)
    {
        _bySession.Remove(entry.Verdict.Session!.Id, entry);
        _byIdentity.Remove(entry.Verdict.Session!.IdentityId, entry);
    }

    /// <summary>Entries by id. An entry is removed only by itself, so that a late eviction cannot unlist its successor.</summary>
    private sealed class EntryIndex
    {
        private readonly Lock[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

        /// <summary>An id's one entry, or a dictionary of several by key.</summary>
        private readonly ConcurrentDictionary<string, object> _ids = new(StringComparer.Ordinal);

        public void Add(string id, SessionEntry entry)
        {
            lock (Gate(id))
            {
                switch (_ids.GetValueOrDefault(id))
                {
                    case SessionEntry only when only.Key != entry.Key:
                        _ids[id] = new Dictionary<string, SessionEntry>(StringComparer.Ordinal) { [only.Key] = only, [entry.Key] = entry };
                        break;
                    case Dictionary<string, SessionEntry> several:
                        several[entry.Key] = entry;
                        break;
                    default:
                        _ids[id] = entry;
                        break;
                }
            }
        }

        public void Remove(string id, SessionEntry entry)
        {
            lock (Gate(id))
            {
                switch (_ids.GetValueOrDefault(id))
                {
                    case SessionEntry only when ReferenceEquals(only, entry):
                        _ids.TryRemove(id, out _);
                        break;
                    case Dictionary<string, SessionEntry> several when several.TryGetValue(entry.Key, out var listed) && ReferenceEquals(listed, entry):
                        several.Remove(entry.Key);
                        if (several.Count == 0) _ids.TryRemove(id, out _);
                        break;
                }
            }
        }

        public string[] Keys(string id)
        {
            lock (Gate(id))
                return _ids.GetValueOrDefault(id) switch
                {
                    SessionEntry only => [only.Key],
                    Dictionary<string, SessionEntry> several => [.. several.Keys],
                    _ => [],
                };
        }

        private Lock Gate(string id) => _gates[(uint)StringComparer.Ordinal.GetHashCode(id) % (uint)_gates.Length];
    }
}
