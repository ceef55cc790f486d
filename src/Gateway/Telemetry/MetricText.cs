using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Gateway.Telemetry;

/// <summary>Prometheus text format 0.0.4.</summary>
internal sealed class MetricText
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins an instrument's family.</summary>
    /// <returns>
    /// The family's name by OpenTelemetry's rules for Prometheus, so that whoever exports the meter gets the same one:
    /// <c>gateway.request.duration</c> in <c>s</c> is <c>gateway_request_duration_seconds</c>, and counters end in
    /// <c>_total</c>.
    /// </returns>
    public string Family(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit is "s" ? "_seconds" : "");
        var type = instrument switch
        {
            ObservableCounter<long> => "counter",
            Histogram<double> => "histogram",
            _ => "gauge",
        };
        if (type is "counter")
            name += "_total";
        Family(name, type, instrument.Description!);
        return name;
    }

    public void Family(string name, string type, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    public void Sample(string name, ReadOnlySpan<KeyValuePair<string, object?>> labels, double value)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var (label, text) in labels)
        {
            _text.Append(separator).Append(Label(label, Convert.ToString(text, CultureInfo.InvariantCulture)!));
            separator = ',';
        }
        if (labels.Length > 0)
            _text.Append('}');
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
