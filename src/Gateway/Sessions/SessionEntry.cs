namespace Gateway.Sessions;

/// <summary>One cached verdict. Times are UTC ticks of the gateway's <see cref="TimeProvider"/>.</summary>
internal sealed class SessionEntry(CredentialKey key, SessionVerdict verdict, long askedAt, long refreshAt, long freshUntil, long staleUntil)
{
    /// <summary>The next entry of its chain; the table's own.</summary>
    internal SessionEntry? Next;

    /// <summary>Its neighbours in the index by session and in that by identity; the indexes' own.</summary>
    internal EntryLinks OfSession, OfIdentity;

    private bool _used;
    private int _refreshing;
    private long _askAgainAt;

    public CredentialKey Key { get; } = key;

    public SessionVerdict Verdict { get; } = verdict;

    /// <summary>When the question was put to Kratos.</summary>
    public long AskedAt { get; } = askedAt;

    /// <summary>From here on the first request to come refreshes the entry behind its back.</summary>
    public long RefreshAt { get; } = refreshAt;

    public long FreshUntil { get; } = freshUntil;

    /// <summary>Until here the verdict serves while Kratos gives none; then the entry has ended.</summary>
    public long StaleUntil { get; } = staleUntil;

    /// <summary>True for exactly one caller.</summary>
    public bool TryBeginRefresh() => Volatile.Read(ref _refreshing) == 0 && Interlocked.Exchange(ref _refreshing, 1) == 0;

    /// <summary>While Kratos is in trouble a stale entry serves at once, without waiting for another failing call, until this time.</summary>
    public long AskAgainAt
    {
        get => Volatile.Read(ref _askAgainAt);
        set => Volatile.Write(ref _askAgainAt, value);
    }

    /// <summary>Written once between two looks of the eviction, so that the cores do not take the entry from each other.</summary>
    public void MarkUsed()
    {
        if (!_used) _used = true;
    }

    /// <summary>Whether it was used since this was asked last.</summary>
    public bool TestAndClearUsed()
    {
        var used = _used;
        if (used) _used = false;
        return used;
    }
}
