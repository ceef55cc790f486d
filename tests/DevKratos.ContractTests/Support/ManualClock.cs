namespace DevKratos.ContractTests.Support;

/// <summary>A clock that a test moves. Every look moves it by a microsecond, so that what happens later is later.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks = TimeProvider.System.GetUtcNow().UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Add(ref _ticks, TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
