namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// The system's time, moved ahead by tests instead of waiting. Timers stay real. <c>FakeTimeProvider</c> stands until it is
/// moved: time-outs, circuit breakers and background loops of a whole running gateway, and DevKratos' real clock beside it, need
/// one that runs.
/// </summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _shift;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _shift));

    public override long GetTimestamp() =>
        System.GetTimestamp()
        + (long)((Int128)Interlocked.Read(ref _shift) * System.TimestampFrequency / TimeSpan.TicksPerSecond);

    public override long TimestampFrequency => System.TimestampFrequency;
}
