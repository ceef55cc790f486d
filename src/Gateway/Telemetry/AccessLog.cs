namespace Gateway.Telemetry;

/// <summary>One finished request, as it is logged. No query, no header, no trait: an identity by its id only.</summary>
internal readonly record struct AccessRecord
{
    public required DateTimeOffset Time { get; init; }

    public required string RequestId { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required int Status { get; init; }

    public required TimeSpan Duration { get; init; }

    public string? Route { get; init; }

    public string? Reason { get; init; }

    public string? IdentityId { get; init; }

    public string? ClientAddress { get; init; }
}

/// <summary>
/// The access log: one JSON line per request on standard output. A request formats its line, while what it is about is still in
/// the processor's cache, into a buffer of its processor; <see cref="LogOutput"/> writes them out ten times a second. When output
/// cannot keep up, lines are dropped and counted rather than requests held.
/// </summary>
internal sealed class AccessLog(AccessLogOptions options, LogOutput output)
{
    /// <summary>Bytes that may wait for output: so many in all, or of each processor, whichever is more.</summary>
    private const int Capacity = 16 * 1024 * 1024, CapacityOfOne = 2 * 1024 * 1024;

    /// <summary>Longer paths are cut: a hostile one of 8 kB, escaped, would be a line of 48 kB.</summary>
    private const int MaxPath = 1024;

    /// <summary>One per processor, so that requests hardly ever meet at a lock.</summary>
    private readonly LogBuffer[] _pending = options.Enabled ? Open(output, Math.Min(Environment.ProcessorCount, 64)) : [];

    public bool Enabled => _pending.Length > 0;

    public void Write(in AccessRecord record)
    {
        var mine = _pending[Thread.GetCurrentProcessorId() % _pending.Length];
        lock (mine.Gate)
        {
            if (mine.HasRoom)
            {
                Format(mine.Lines, record);
                return;
            }
        }
        mine.Dropped.Increment();
    }

    private static LogBuffer[] Open(LogOutput output, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => output.OpenRequests(Math.Max(Capacity / count, CapacityOfOne)))];

    private static void Format(JsonLines line, in AccessRecord record)
    {
        line.Time("\"time\":"u8, record.Time);
        line.Text("\"request_id\":"u8, record.RequestId);
        line.Text("\"method\":"u8, record.Method);
        line.Text("\"path\":"u8, record.Path.Length > MaxPath ? record.Path[..MaxPath] + "…" : record.Path);
        line.Number("\"status\":"u8, record.Status);
        line.Number("\"duration_us\":"u8, record.Duration.Ticks / TimeSpan.TicksPerMicrosecond);
        line.Text("\"route\":"u8, record.Route);
        line.Text("\"reason\":"u8, record.Reason);
        line.Text("\"identity_id\":"u8, record.IdentityId);
        line.Text("\"client_address\":"u8, record.ClientAddress);
        line.End();
    }
}
