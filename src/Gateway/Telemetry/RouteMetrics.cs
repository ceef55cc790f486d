using System.Diagnostics.Metrics;

namespace Gateway.Telemetry;

/// <summary>One route's metrics, carried in its endpoint's metadata so that counting needs no look-up.</summary>
/// <param name="reasons">The label of each reason for which access is denied, by its number.</param>
/// <param name="durations">Null: published nowhere.</param>
internal sealed class RouteMetrics(string route, IReadOnlyList<string> reasons, Histogram<double>? durations)
{
    private readonly Counter[] _denied = [.. reasons.Select(_ => new Counter())];
    private readonly Counter[] _statusClasses = [.. Enumerable.Range(0, 6).Select(_ => new Counter())];
    private readonly Counter _allowed = new();
    private readonly Counter _upstreamErrors = new();

    /// <summary>The route's id.</summary>
    public string Route { get; } = route;

    /// <summary>Time from the first byte seen to the last byte answered.</summary>
    public DurationHistogram Duration { get; } = new(durations, new KeyValuePair<string, object?>("route", route));

    public void Allowed() => _allowed.Increment();

    public void Denied(int reason) => _denied[reason].Increment();

    public void UpstreamFailed() => _upstreamErrors.Increment();

    public void Finished(int status, TimeSpan duration)
    {
        _statusClasses[status is >= 100 and < 600 ? status / 100 : 0].Increment();
        Duration.Record(duration);
    }

    /// <summary>Answered requests by status class.</summary>
    public IEnumerable<Measurement<long>> Requests()
    {
        for (var i = 1; i < _statusClasses.Length; i++)
        {
            var count = _statusClasses[i].Value;
            if (count > 0)
                yield return Measure(count, ("status", $"{i}xx"));
        }
    }

    /// <summary>Access decisions by reason.</summary>
    public IEnumerable<Measurement<long>> Decisions()
    {
        if (_allowed.Value > 0)
            yield return Measure(_allowed.Value, ("decision", "allow"), ("reason", ""));
        for (var i = 0; i < _denied.Length; i++)
        {
            var count = _denied[i].Value;
            if (count > 0)
                yield return Measure(count, ("decision", "deny"), ("reason", reasons[i]));
        }
    }

    /// <summary>Requests that got no complete answer from the upstream.</summary>
    public IEnumerable<Measurement<long>> UpstreamErrors()
    {
        if (_upstreamErrors.Value > 0)
            yield return Measure(_upstreamErrors.Value);
    }

    private Measurement<long> Measure(long count, params (string Name, string Value)[] tags) =>
        new(count, [new("route", Route), .. tags.Select(tag => new KeyValuePair<string, object?>(tag.Name, tag.Value))]);
}
