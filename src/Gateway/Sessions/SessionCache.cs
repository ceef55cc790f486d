namespace Gateway.Sessions;

/// <summary>
/// The verdicts by hashed credential, findable by session and identity id. Refused credentials live in a table of their
/// own, so that a flood of invented ones cannot push out people who are signed in. Why not the framework's cache: docs/dependencies.md.
/// </summary>
internal sealed class SessionCache : IDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly EntryTable _sessions;
    private readonly EntryTable _refused;
    private readonly EntryIndex _bySession;
    private readonly EntryIndex _byIdentity;

    /// <summary>For whoever writes; each write follows a call to Kratos and takes about a microsecond.</summary>
    private readonly Lock _writing = new();

    public SessionCache(SessionCacheOptions options, TimeProvider time)
    {
        _time = time;
        _sessions = new(options.MaxEntries);
        _bySession = new(options.MaxEntries, static entry => entry.Verdict.Session!.Id, static entry => ref entry.OfSession);
        _byIdentity = new(options.MaxEntries, static entry => entry.Verdict.Session!.IdentityId, static entry => ref entry.OfIdentity);
        _refused = new(Math.Max(100, options.MaxEntries / 10));
        _sweep = time.CreateTimer(static cache => ((SessionCache)cache!).Sweep(), this, SweepEvery, SweepEvery);
    }

    public int Count => _sessions.Count;

    public int RefusedCount => _refused.Count;

    /// <summary>The credential's entry, which may have ended up to a minute ago: its times say.</summary>
    public bool TryGet(in CredentialKey key, out SessionEntry entry)
    {
        entry = (_sessions.Find(key) ?? _refused.Find(key))!;
        if (entry is null) return false;
        entry.MarkUsed();
        return true;
    }

    /// <summary>Replaces the credential's entry, or only removes it when the new one has ended already.</summary>
    public void Set(SessionEntry entry)
    {
        var now = _time.GetUtcNow().UtcTicks;
        lock (_writing)
        {
            if (entry.StaleUntil <= now)
            {
                Drop(entry.Key);
            }
            else if (entry.Verdict.Session is null)
            {
                Unlist(_sessions.Remove(entry.Key));
                _refused.Put(entry, now);
            }
            else
            {
                _refused.Remove(entry.Key);
                Unlist(_sessions.Put(entry, now));
                _bySession.Add(entry);
                _byIdentity.Add(entry);
            }
        }
    }

    public void Remove(in CredentialKey key)
    {
        lock (_writing) Drop(key);
    }

    /// <summary>Drops every entry of a session; returns how many there were.</summary>
    public int RemoveSession(string sessionId) => RemoveAll(_bySession, sessionId);

    /// <summary>Drops every entry of an identity; returns how many there were.</summary>
    public int RemoveIdentity(string identityId) => RemoveAll(_byIdentity, identityId);

    public void Dispose() => _sweep.Dispose();

    private int RemoveAll(EntryIndex index, string id)
    {
        lock (_writing)
        {
            var entries = index.Find(id);
            foreach (var entry in entries) Drop(entry.Key);
            return entries.Count;
        }
    }

    /// <summary>Frees the memory of what has ended, whether or not anything is asked for.</summary>
    private void Sweep()
    {
        var now = _time.GetUtcNow().UtcTicks;
        foreach (var entry in _sessions.Ended(now).Concat(_refused.Ended(now)))
            lock (_writing)
                if (ReferenceEquals(_sessions.Find(entry.Key) ?? _refused.Find(entry.Key), entry)) Drop(entry.Key); // else it has a successor
    }

    private void Drop(in CredentialKey key)
    {
        Unlist(_sessions.Remove(key));
        _refused.Remove(key);
    }

    private void Unlist(SessionEntry? gone)
    {
        if (gone?.Verdict.Session is null) return;
        _bySession.Remove(gone);
        _byIdentity.Remove(gone);
    }
}
