using System.Globalization;
using System.Text;

namespace Gateway.Telemetry;

/// <summary>A number that only grows.</summary>
internal sealed class Counter
{
    private long _value;

    public long Value => Interlocked.Read(ref _value);

    public void Increment() => Interlocked.Increment(ref _value);

    public void Add(long count) => Interlocked.Add(ref _value, count);
}

/// <summary>Durations in Prometheus' cumulative buckets, from 1 ms to 10 s.</summary>
internal sealed class Histogram
{
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly long[] TickBounds = [.. Bounds.Select(b => TimeSpan.FromSeconds(b).Ticks)];

    private readonly long[] _buckets = new long[Bounds.Length + 1];
    private long _ticks;

    public void Record(TimeSpan duration)
    {
        var ticks = duration.Ticks;
        var bucket = 0;
        while (bucket < TickBounds.Length && ticks > TickBounds[bucket])
            bucket++;
        Interlocked.Increment(ref _buckets[bucket]);
        Interlocked.Add(ref _ticks, ticks);
    }

    public void Write(MetricText text, string name, string labels)
    {
        var count = 0L;
        var separator = labels.Length > 0 ? "," : "";
        for (var i = 0; i < Bounds.Length; i++)
        {
            count += Interlocked.Read(ref _buckets[i]);
            var bound = Bounds[i].ToString(CultureInfo.InvariantCulture);
            text.Sample(name + "_bucket", $"{labels}{separator}le=\"{bound}\"", count);
        }
        count += Interlocked.Read(ref _buckets[^1]);
        text.Sample(name + "_bucket", $"{labels}{separator}le=\"+Inf\"", count);
        text.Sample(name + "_sum", labels, TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds);
        text.Sample(name + "_count", labels, count);
    }
}

/// <summary>Adds some metrics as they are now.</summary>
internal delegate void MetricWriter(MetricText text);

/// <summary>Prometheus text format 0.0.4.</summary>
internal sealed class MetricText
{
    private readonly StringBuilder _text = new();

    public void Family(string name, string type, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    public static string Label(string name, string value)
    {
        var escaped = value
            .Replace("\\", @"\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        return $"{name}=\"{escaped}\"";
    }

    public override string ToString() => _text.ToString();
}
