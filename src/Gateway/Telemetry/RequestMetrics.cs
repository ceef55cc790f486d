using System.Collections.Concurrent;

namespace Gateway.Telemetry;

/// <summary>One route's metrics, carried in its endpoint's metadata so that counting needs no look-up.</summary>
internal sealed class RouteMetrics(string route, int reasons)
{
    private readonly Counter[] _denied = [.. Enumerable.Range(0, reasons).Select(_ => new Counter())];
    private readonly Counter[] _statusClasses = [.. Enumerable.Range(0, 6).Select(_ => new Counter())];
    private readonly Counter _allowed = new();
    private readonly Counter _upstreamErrors = new();
    private readonly Histogram _duration = new();

    /// <summary>The route's id.</summary>
    public string Route { get; } = route;

    public void Allowed() => _allowed.Increment();

    public void Denied(int reason) => _denied[reason].Increment();

    public void UpstreamFailed() => _upstreamErrors.Increment();

    public void Finished(int status, TimeSpan duration)
    {
        _statusClasses[status is >= 100 and < 600 ? status / 100 : 0].Increment();
        _duration.Record(duration);
    }

    public string Label { get; } = MetricText.Label("route", route);

    public void WriteRequests(MetricText text, string name)
    {
        for (var i = 1; i < _statusClasses.Length; i++)
        {
            var count = _statusClasses[i].Value;
            if (count > 0)
                text.Sample(name, $"{Label},status=\"{i}xx\"", count);
        }
    }

    public void WriteDuration(MetricText text, string name) => _duration.Write(text, name, Label);

    public void WriteDecisions(MetricText text, string name, Func<int, string> reasonName)
    {
        if (_allowed.Value > 0)
            text.Sample(name, $"{Label},decision=\"allow\",reason=\"\"", _allowed.Value);
        for (var i = 0; i < _denied.Length; i++)
        {
            var count = _denied[i].Value;
            if (count > 0)
                text.Sample(name, $"{Label},decision=\"deny\",reason=\"{reasonName(i)}\"", count);
        }
    }

    public void WriteUpstreamErrors(MetricText text, string name)
    {
        if (_upstreamErrors.Value > 0)
            text.Sample(name, Label, _upstreamErrors.Value);
    }
}

/// <summary>
/// The metrics of every route that was ever configured, and of requests that met none. Labels are route ids, so their
/// number is bounded by the configuration.
/// </summary>
internal sealed class RequestMetrics(IReadOnlyList<string> reasonNames)
{
    /// <summary>The label of requests that no route matched.</summary>
    public const string NoRoute = "none";

    private readonly ConcurrentDictionary<string, RouteMetrics> _routes = new(StringComparer.Ordinal);

    public RouteMetrics Of(string route) =>
        _routes.GetOrAdd(route, static (id, reasons) => new RouteMetrics(id, reasons), reasonNames.Count);

    public void Write(MetricText text)
    {
        var routes = _routes.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Value).ToArray();
        text.Family("gateway_requests_total", "counter", "Answered requests by route and status class.");
        foreach (var route in routes)
            route.WriteRequests(text, "gateway_requests_total");
        text.Family("gateway_request_duration_seconds", "histogram", "Time from the first byte seen to the last byte answered.");
        foreach (var route in routes)
            route.WriteDuration(text, "gateway_request_duration_seconds");
        text.Family("gateway_decisions_total", "counter", "Access decisions by route and reason.");
        foreach (var route in routes)
            route.WriteDecisions(text, "gateway_decisions_total", i => reasonNames[i]);
        text.Family("gateway_upstream_errors_total", "counter", "Requests that got no complete answer from the upstream.");
        foreach (var route in routes)
            route.WriteUpstreamErrors(text, "gateway_upstream_errors_total");
    }
}
