namespace Gateway.Telemetry;

/// <summary>One finished request, as it is logged. No query, no header, no trait: an identity by its id only.</summary>
internal readonly record struct AccessRecord(
    DateTimeOffset Time, string RequestId, string Method, string Path, int Status, TimeSpan Duration,
    string? Route, string? Reason, string? IdentityId, string? ClientAddress);

/// <summary>
/// The access log: one JSON line per request on standard output. A request formats its line, while what it is about is still in the processor's cache, into
/// a buffer of its processor; one background task writes them out ten times a second. When output cannot keep up, lines are dropped and counted rather
/// than requests held.
/// </summary>
internal sealed class AccessLog : BackgroundService
{
    /// <summary>Bytes that may wait for output: so many in all, or of each processor, whichever is more.</summary>
    private const int Capacity = 16 * 1024 * 1024, CapacityOfOne = 2 * 1024 * 1024;

    /// <summary>Longer paths are cut: a hostile one of 8 kB, escaped, would be a line of 48 kB.</summary>
    private const int MaxPath = 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>One per processor, so that requests hardly ever meet at a lock.</summary>
    private readonly Pending[] _pending = [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, 64)).Select(_ => new Pending())];

    private readonly Stream _output;
    private readonly Counter _dropped = new();

    public AccessLog(AccessLogOptions options, Stream output) => (Enabled, _output) = (options.Enabled, output);

    public bool Enabled { get; }

    public void Write(in AccessRecord record)
    {
        var mine = _pending[Thread.GetCurrentProcessorId() % _pending.Length];
        lock (mine.Gate)
        {
            if (mine.Lines.Written.Length < Math.Max(Capacity / _pending.Length, CapacityOfOne))
            {
                Format(mine.Lines, record);
                return;
            }
        }
        _dropped.Increment();
    }

    public void WriteMetrics(MetricText text)
    {
        text.Family("gateway_access_log_dropped_total", "counter", "Access log lines dropped because output could not keep up.");
        text.Sample("gateway_access_log_dropped_total", "", _dropped.Value);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var spare = new JsonLines();
        try
        {
            using var timer = new PeriodicTimer(Interval);
            while (await timer.WaitForNextTickAsync(stoppingToken)) spare = await DrainAsync(spare);
        }
        catch (OperationCanceledException)
        {
            await DrainAsync(spare); // what the last requests left behind
        }
    }

    private async Task<JsonLines> DrainAsync(JsonLines spare)
    {
        foreach (var pending in _pending)
        {
            if (pending.IsEmpty) continue;
            var full = pending.Exchange(spare);
            await WriteAsync(full.Written);
            full.Clear();
            spare = full;
        }
        return spare;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> lines)
    {
        try
        {
            await _output.WriteAsync(lines, CancellationToken.None);
            await _output.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // A full disk, or nobody who reads any more: requests go on, where an exception here would stop the host.
            _dropped.Add(lines.Span.Count((byte)'\n'));
        }
    }

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

    private sealed class Pending
    {
        public Lock Gate { get; } = new();

        /// <summary>Under <see cref="Gate"/>.</summary>
        public JsonLines Lines { get; private set; } = new();

        public bool IsEmpty
        {
            get { lock (Gate) return Lines.Written.IsEmpty; }
        }

        public JsonLines Exchange(JsonLines empty)
        {
            lock (Gate)
            {
                var full = Lines;
                Lines = empty;
                return full;
            }
        }
    }
}
