namespace Gateway.UnitTests.Telemetry;

/// <summary>A pipe that nobody reads until <see cref="Release"/>.</summary>
internal sealed class StalledStream : MemoryStream
{
    private readonly ManualResetEventSlim _read = new();
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody is inside a write.</summary>
    public Task Entered => _entered.Task;

    public void Release() => _read.Set();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _entered.TrySetResult();
        _read.Wait();
        base.Write(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        _read.Set();
        base.Dispose(disposing);
    }
}
