namespace Gateway.Sessions;

/// <summary>
/// Tells one person's ended session from trouble of Kratos that neither readiness nor a query shows: then many people who were
/// signed in a moment ago are refused within a short time. One person's many sessions count once, and one person alone is no
/// burst, however few are signed in.
/// </summary>
internal sealed class RefusalBurst(TimeProvider time)
{
    private const int TooMany = 20;
    private const int TooManyPercent = 10;

    /// <summary>As many of the newest are kept, so that thousands of refusals cost no more than a few.</summary>
    private const int Kept = 5 * TooMany;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<Refusal> _refusals = [];

    /// <summary>When a refusal was not believed last, a timestamp of the time provider.</summary>
    private long? _doubtedAt;

    /// <summary>Whether refusals were not believed a moment ago.</summary>
    public bool IsOn
    {
        get
        {
            lock (_gate)
                return _doubtedAt is { } at && time.GetElapsedTime(at) < Window;
        }
    }

    /// <summary>
    /// A session of this identity, good until now, is refused. Whether that is believed: fewer than 20 and fewer than 10 % of
    /// the identities were refused within 5 s.
    /// </summary>
    /// <param name="good">How many identities have a session that is good as far as is known, this one among them.</param>
    public bool Believes(string identity, int good)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _refusals.RemoveAll(r => time.GetElapsedTime(r.At, now) >= Window);
            var mine = _refusals.Find(r => r.Identity == identity);
            if (mine is null)
            {
                if (_refusals.Count == Kept)
                    _refusals.RemoveAt(0);
                mine = new(identity, now);
                _refusals.Add(mine);
            }
            // Who was believed has left the cache, but was good when the window began.
            var all = good + _refusals.Count(r => r.IsBelieved);
            var count = _refusals.Count;
            mine.IsBelieved = count == 1 || (count < TooMany && count * 100 < all * TooManyPercent);
            if (!mine.IsBelieved)
                _doubtedAt = now;
            return mine.IsBelieved;
        }
    }

    /// <param name="At">A timestamp of the time provider.</param>
    private sealed record Refusal(string Identity, long At)
    {
        public bool IsBelieved { get; set; }
    }
}
