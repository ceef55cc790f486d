using Gateway.Sessions.Credentials;

namespace Gateway.Sessions.Cache;

/// <summary>Why a refusal of a good session is not believed.</summary>
internal enum Doubt
{
    None,

    /// <summary>Kratos cannot know.</summary>
    Outage,

    /// <summary>It came with too many others.</summary>
    Burst,
}

/// <summary>One cached verdict. Times are UTC ticks of the gateway's <see cref="TimeProvider"/>.</summary>
internal sealed class SessionEntry(
    CredentialKey credential,
    SessionVerdict verdict,
    long askedAt,
    long refreshAt,
    long freshUntil,
    long staleUntil)
{
    /// <summary>Its neighbours in the index by session and in that by identity; the indexes' own.</summary>
    internal EntryLinks OfSession, OfIdentity;

    private int _refreshing;
    private volatile Doubt _doubt;
    private long _askAgainAt;

    public CacheKey Key { get; private set; } = new(credential);

    public SessionVerdict Verdict { get; } = verdict;

    /// <summary>When the question was put to Kratos.</summary>
    public long AskedAt { get; } = askedAt;

    /// <summary>From here on the first request to come refreshes the entry behind its back.</summary>
    public long RefreshAt { get; } = refreshAt;

    public long FreshUntil { get; } = freshUntil;

    /// <summary>Until here the verdict serves while Kratos gives none; then the entry has ended.</summary>
    public long StaleUntil { get; } = staleUntil;

    /// <summary>
    /// While Kratos is in trouble a stale entry serves at once, without waiting for another failing call, until this time.
    /// </summary>
    public long AskAgainAt
    {
        get => Volatile.Read(ref _askAgainAt);
        set => Volatile.Write(ref _askAgainAt, value);
    }

    /// <summary>Kratos was asked although the credential's entry was fresh: a rule would have refused it.</summary>
    public bool IsRevalidated { get; init; }

    /// <summary>Why Kratos' last word, a refusal, was not believed; <see cref="Doubt.None"/>: there was no such word.</summary>
    public Doubt Doubt
    {
        get => _doubt;
        set => _doubt = value;
    }

    /// <summary>Whether it may be used at all: not past its end, nor, when the clock was set back, before its question.</summary>
    public bool CountsAt(long now) => now < StaleUntil && now >= AskedAt;

    /// <summary>True for exactly one caller.</summary>
    public bool TryBeginRefresh() => Volatile.Read(ref _refreshing) == 0 && Interlocked.Exchange(ref _refreshing, 1) == 0;

    /// <summary>
    /// Before it takes the place of an entry of the same credential: the cache keeps that one's key anyway, so one is enough.
    /// </summary>
    internal void ShareKey(SessionEntry predecessor) => Key = predecessor.Key;
}
