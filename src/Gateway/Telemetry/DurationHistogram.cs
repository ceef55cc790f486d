using System.Diagnostics.Metrics;

namespace Gateway.Telemetry;

/// <summary>
/// The durations of one series, counted for <c>/metrics</c> in buckets from 1 ms to 10 s and handed, in seconds, to whoever
/// listens to the instrument.
/// </summary>
/// <param name="instrument">Null: published nowhere.</param>
/// <param name="tags">What tells the series from the others of its instrument.</param>
internal sealed class DurationHistogram(Histogram<double>? instrument, params KeyValuePair<string, object?>[] tags)
{
    /// <summary>The buckets' upper bounds, in seconds.</summary>
    public static readonly IReadOnlyList<double> Bounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly long[] TickBounds = [.. Bounds.Select(b => TimeSpan.FromSeconds(b).Ticks)];

    private readonly long[] _buckets = new long[TickBounds.Length + 1];
    private long _ticks;

    public void Record(TimeSpan duration)
    {
        var ticks = duration.Ticks;
        var bucket = 0;
        while (bucket < TickBounds.Length && ticks > TickBounds[bucket])
            bucket++;
        Interlocked.Increment(ref _buckets[bucket]);
        Interlocked.Add(ref _ticks, ticks);
        if (instrument is { Enabled: true })
            instrument.Record(duration.TotalSeconds, tags);
    }

    public void Write(MetricText text, string family)
    {
        var count = 0L;
        for (var i = 0; i < Bounds.Count; i++)
        {
            count += Interlocked.Read(ref _buckets[i]);
            text.Sample(family + "_bucket", [.. tags, new("le", Bounds[i])], count);
        }
        count += Interlocked.Read(ref _buckets[^1]);
        text.Sample(family + "_bucket", [.. tags, new("le", "+Inf")], count);
        text.Sample(family + "_sum", tags, TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds);
        text.Sample(family + "_count", tags, count);
    }
}
