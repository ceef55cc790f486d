using System.Diagnostics.Metrics;

namespace Gateway.Telemetry;

/// <summary>
/// The series of an instrument whose labels are a closed list, in the order in which their owner adds them. While there is
/// none, the instrument is not on <c>/metrics</c>.
/// </summary>
/// <param name="label">What tells the series apart; null: there is but one.</param>
internal sealed class MetricSeries(string? label = null)
{
    private readonly Lock _gate = new();
    private (KeyValuePair<string, object?>[] Tags, Func<long> Read)[] _series = [];

    public bool IsEmpty => Volatile.Read(ref _series).Length == 0;

    /// <summary>Adds a series, which <paramref name="read"/> is asked for whenever somebody looks.</summary>
    public void Add(string value, Func<long> read) => Add(read, new KeyValuePair<string, object?>(label!, value));

    /// <summary>Adds the one series of an instrument without a label.</summary>
    public void Add(Func<long> read) => Add(read, []);


    public IEnumerable<Measurement<long>> Read() =>
        Volatile.Read(ref _series).Select(one => new Measurement<long>(one.Read(), one.Tags));

    private void Add(Func<long> read, params KeyValuePair<string, object?>[] tags)
    {
        lock (_gate)
            Volatile.Write(ref _series, [.. _series, (tags, read)]);
    }
}
