namespace Gateway.Telemetry;

/// <summary>Between two lines that say the same, which thousands of requests would have said.</summary>
internal sealed class LogPause(TimeSpan length, TimeProvider time)
{
    private long _saidAt;

    /// <summary>Whether it is time to say it again; true for one caller, who says it.</summary>
    public bool IsOver()
    {
        var now = time.GetTimestamp();
        var said = Volatile.Read(ref _saidAt);
        return (said == 0 || time.GetElapsedTime(said, now) >= length)
            && Interlocked.CompareExchange(ref _saidAt, now, said) == said;
    }
}
