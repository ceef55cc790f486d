using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gateway.IntegrationTests.Harness;

/// <summary>What a collector hears of one gateway, in this process of many.</summary>
internal sealed class ListenerToOne : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, int> _durations = new();
    private readonly List<string> _lines = [];
    private readonly Func<Instrument, string> _family;

    /// <param name="family">An instrument's name on the page.</param>
    public ListenerToOne(IMeterFactory factory, Func<Instrument, string> family)
    {
        _family = family;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != "Gateway" || !ReferenceEquals(instrument.Meter.Scope, factory)) return;
            Instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, seconds, tags, _) =>
        {
            Assert.InRange(seconds, 0, 60);
            _durations.AddOrUpdate(Name(instrument, "_count", tags), 1, (_, count) => count + 1);
        });
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _lines.Add($"{Name(instrument, "", tags)} {value}"));
        _listener.Start();
    }

    public List<Instrument> Instruments { get; } = [];

    /// <summary>Every number as the page writes it; of durations, how many there were.</summary>
    public IEnumerable<string> Read()
    {
        _lines.Clear();
        _listener.RecordObservableInstruments();
        return [.. _lines, .. _durations.Select(d => $"{d.Key} {d.Value}")];
    }

    public void Dispose() => _listener.Dispose();

    private string Name(Instrument instrument, string suffix, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = string.Join(',', tags.ToArray().Select(t => $"{t.Key}=\"{t.Value}\""));
        return _family(instrument) + suffix + (labels.Length > 0 ? $"{{{labels}}}" : "");
    }
}
