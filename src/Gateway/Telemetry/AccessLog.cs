using System.Collections.Concurrent;
using System.Text.Json;

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
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        try
        {
            using var timer = new PeriodicTimer(Interval);
            while (await timer.WaitForNextTickAsync(stoppingToken)) await DrainAsync(buffer, json);
        }
        catch (OperationCanceledException)
        {
            await DrainAsync(buffer, json); // what the last requests left behind
        }
    }

    private async Task DrainAsync(MemoryStream buffer, Utf8JsonWriter json)
    {
        if (_queue.IsEmpty) return;
        while (_queue.TryDequeue(out var record))
        {
            Interlocked.Decrement(ref _queued);
            Format(json, record);
            json.Flush();
            json.Reset();
            buffer.WriteByte((byte)'\n');
            if (buffer.Length > 32 * 1024) await FlushAsync(buffer);
        }
        await FlushAsync(buffer);
    }

    private async Task FlushAsync(MemoryStream buffer)
    {
        try
        {
            await _output.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), CancellationToken.None);
            await _output.FlushAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // A full disk, or nobody who reads any more: requests go on, where an exception here would stop the host.
            _dropped.Add(buffer.GetBuffer().AsSpan(0, (int)buffer.Length).Count((byte)'\n'));
        }
        buffer.SetLength(0);
    }

    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("request_id");
    private static readonly JsonEncodedText Method = JsonEncodedText.Encode("method");
    private static readonly JsonEncodedText PathName = JsonEncodedText.Encode("path");
    private static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    private static readonly JsonEncodedText Duration = JsonEncodedText.Encode("duration_us");
    private static readonly JsonEncodedText Route = JsonEncodedText.Encode("route");
    private static readonly JsonEncodedText Reason = JsonEncodedText.Encode("reason");
    private static readonly JsonEncodedText IdentityId = JsonEncodedText.Encode("identity_id");
    private static readonly JsonEncodedText ClientAddress = JsonEncodedText.Encode("client_address");

    private static void Format(Utf8JsonWriter json, in AccessRecord record)
    {
        json.WriteStartObject();
        json.WriteString(Time, record.Time);
        json.WriteString(RequestId, record.RequestId);
        json.WriteString(Method, record.Method);
        json.WriteString(PathName, record.Path);
        json.WriteNumber(Status, record.Status);
        json.WriteNumber(Duration, record.Duration.Ticks / TimeSpan.TicksPerMicrosecond);
        if (record.Route is not null) json.WriteString(Route, record.Route);
        if (record.Reason is not null) json.WriteString(Reason, record.Reason);
        if (record.IdentityId is not null) json.WriteString(IdentityId, record.IdentityId);
        if (record.ClientAddress is not null) json.WriteString(ClientAddress, record.ClientAddress);
        json.WriteEndObject();
    }
}
