namespace Gateway.Sessions.Cache;

/// <summary>
/// How far cached verdicts are trusted at all. Revocations may have been missed while other replicas could not be heard: then
/// verdicts count for a shorter time, and those asked for before hearing resumed do not count as fresh any more.
/// </summary>
internal sealed class CacheTrust(TimeProvider time)
{
    private long _limit = long.MaxValue;
    private long _notBefore;

    /// <summary>Raised when what was known before does not count any more.</summary>
    public event Action? Forgotten;

    /// <summary>Whether a verdict asked for at <paramref name="askedAt"/> (UTC ticks) may still be fresh.</summary>
    public bool Covers(long askedAt, long now) =>
        askedAt >= Volatile.Read(ref _notBefore) && now - askedAt < Volatile.Read(ref _limit);

    /// <summary>From now on verdicts count for at most this long.</summary>
    public void Limit(TimeSpan duration) => Volatile.Write(ref _limit, duration.Ticks);

    /// <summary>Revocations are heard again: no limit any more, but everything cached before is asked for anew.</summary>
    public void Restore()
    {
        Forget();
        Volatile.Write(ref _limit, long.MaxValue);
    }

    /// <summary>Everything cached before is asked for anew.</summary>
    public void Forget()
    {
        Volatile.Write(ref _notBefore, time.GetUtcNow().UtcTicks);
        Forgotten?.Invoke();
    }
}
