using System.Collections.Concurrent;

namespace Gateway.Telemetry;

/// <summary>One finished request, as it is logged. No query, no header, no trait: an identity by its id only.</summary>
internal readonly record struct AccessRecord(
    DateTimeOffset Time, string RequestId, string Method, string Path, int Status, TimeSpan Duration,
    string? Route, string? Reason, string? IdentityId, string? ClientAddress);

/// <summary>
/// The access log: one JSON line per request on standard output, written ten times a second by one background task, so that a request only
/// queues a record and wakes nobody. When output cannot keep up, records are dropped and counted rather than requests held.
/// </summary>
internal sealed class AccessLog : BackgroundService
{
    private const int Capacity = 65_536;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<AccessRecord> _queue = new();
    private readonly Stream _output;
    private readonly Counter _dropped = new();
    private int _queued;

    public AccessLog(AccessLogOptions options, Stream output) => (Enabled, _output) = (options.Enabled, output);

    public bool Enabled { get; }

    public void Write(in AccessRecord record)
    {
        if (Volatile.Read(ref _queued) >= Capacity)
        {
            _dropped.Increment();
            return;
        }
        Interlocked.Increment(ref _queued);
        _queue.Enqueue(record);
    }

    public void WriteMetrics(MetricText text)
    {
        text.Family("gateway_access_log_dropped_total", "counter", "Access log lines dropped because output could not keep up.");
        text.Sample("gateway_access_log_dropped_total", "", _dropped.Value);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lines = new JsonLine();
        try
        {
            using var timer = new PeriodicTimer(Interval);
            while (await timer.WaitForNextTickAsync(stoppingToken)) await DrainAsync(lines);
        }
        catch (OperationCanceledException)
        {
            await DrainAsync(lines); // what the last requests left behind
        }
    }

    private async Task DrainAsync(JsonLine lines)
    {
        while (_queue.TryDequeue(out var record))
        {
            Interlocked.Decrement(ref _queued);
            Format(lines, record);
            if (lines.Written.Length > 32 * 1024) await FlushAsync(lines);
        }
        if (lines.Written.Length > 0) await FlushAsync(lines);
    }

    private async Task FlushAsync(JsonLine lines)
    {
        try
        {
            await _output.WriteAsync(lines.Written, CancellationToken.None);
            await _output.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // A full disk, or nobody who reads any more: requests go on, where an exception here would stop the host.
            _dropped.Add(lines.Written.Span.Count((byte)'\n'));
        }
        lines.Clear();
    }

    private static void Format(JsonLine line, in AccessRecord record)
    {
        line.Time("\"time\":"u8, record.Time);
        line.Text("\"request_id\":"u8, record.RequestId);
        line.Text("\"method\":"u8, record.Method);
        line.Text("\"path\":"u8, record.Path);
        line.Number("\"status\":"u8, record.Status);
        line.Number("\"duration_us\":"u8, record.Duration.Ticks / TimeSpan.TicksPerMicrosecond);
        line.Text("\"route\":"u8, record.Route);
        line.Text("\"reason\":"u8, record.Reason);
        line.Text("\"identity_id\":"u8, record.IdentityId);
        line.Text("\"client_address\":"u8, record.ClientAddress);
        line.End();
    }
}
