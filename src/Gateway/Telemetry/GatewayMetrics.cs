using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gateway.Telemetry;

/// <summary>
/// Every instrument of the gateway, in the order of <c>/metrics</c>, which reads the same definitions and numbers as whoever
/// listens to the meter. Numbers are counted where they arise and read when somebody asks, so that counting costs an
/// interlocked increment and no look-up.
/// </summary>
internal sealed class GatewayMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Gateway";

    /// <summary>
    /// What stands for no route, and for <c>/</c>. No route's id holds a colon: it would be two configuration keys.
    /// </summary>
    public const string NoRouteId = "gateway:none", HomeId = "gateway:home";

    private readonly ConcurrentDictionary<string, RouteMetrics> _routes = new(StringComparer.Ordinal);
    private readonly List<Action<MetricText>> _families = [];
    private readonly IReadOnlyList<string> _reasons;
    private readonly Meter _meter;
    private readonly Histogram<double> _requestDuration;

    /// <param name="reasons">The label of each reason for which access is denied, by its number.</param>
    public GatewayMetrics(IMeterFactory meters, LogOutput log, IReadOnlyList<string> reasons)
    {
        (_meter, _reasons) = (meters.Create(MeterName), reasons);

        Counter("gateway.requests", "{request}", "Answered requests by route and status class.", ByRoute(r => r.Requests()));
        _requestDuration = Duration("gateway.request.duration", "Time from the first byte seen to the last byte answered.");
        Add(_requestDuration, () => Routes.Select(r => r.Duration));
        Counter("gateway.decisions", "{decision}", "Access decisions by route and reason.", ByRoute(r => r.Decisions()));
        Counter(
            "gateway.upstream.errors",
            "{request}",
            "Requests that got no complete answer from the upstream.",
            ByRoute(r => r.UpstreamErrors()));
        Counter(
            "gateway.access_log.dropped",
            "{line}",
            "Access log lines dropped because output could not keep up.",
            () => [new(log.DroppedRequests.Value)]);
        Counter(
            "gateway.log.dropped",
            "{event}",
            "Log events dropped because output could not keep up.",
            () => [new(log.DroppedEvents.Value)]);
        Counter("gateway.session.lookups", "{lookup}", "Session look-ups by result.", SessionLookups);
        UpDownCounter("gateway.session.cache.entries", "{entry}", "Cached verdicts.", SessionCacheEntries);
        Counter("gateway.whoami.requests", "{request}", "Calls to Kratos' whoami by its answer.", WhoamiRequests);
        var whoamiDuration = Duration("gateway.whoami.duration", "Time until Kratos' verdict, readiness check included.");
        WhoamiDuration = new(whoamiDuration);
        Add(whoamiDuration, () => [WhoamiDuration]);
        Gauge("gateway.kratos.ready", null, "Last known readiness of Kratos: 1 ready, 0 not, -1 not known.", KratosReady);
        Gauge(
            "gateway.replication.connected",
            null,
            "Whether revocations of other replicas are heard: 1 or 0.",
            ReplicationConnected);
        Counter(
            "gateway.replication.revocations",
            "{revocation}",
            "Revocations carried between replicas.",
            ReplicationRevocations);
        UpDownCounter("gateway.streams.open", "{stream}", "Open streams by kind.", StreamsOpen);
        Counter("gateway.streams.ended", "{stream}", "Streams that the gateway ended, by reason.", StreamsEnded);
        Counter("gateway.rate_limiter.limited", "{request}", "Requests refused by a rate limit, by policy.", RateLimited);
        UpDownCounter(
            "gateway.rate_limiter.partitions", "{partition}", "Keys that a policy counts apart.", RateLimitPartitions);
        Counter(
            "gateway.rate_limiter.overflowed",
            "{request}",
            "Requests counted in a policy's bucket for the rest, because all of its partitions were taken.",
            RateLimitOverflowed);
        Counter("gateway.rate_limiter.uncounted", "{request}", "Requests that Redis did not count.", RateLimitUncounted);
        Counter("gateway.config.reloads", "{reload}", "Configuration reloads by result.", ConfigReloads);
        Gauge(
            "gateway.config.last_applied.timestamp",
            "s",
            "When the serving configuration was taken.",
            ConfigLastApplied);

        NoRoute = Of(NoRouteId);
    }

    /// <summary>Requests that no route matched.</summary>
    public RouteMetrics NoRoute { get; }

    public MetricSeries SessionLookups { get; } = new("result");

    public MetricSeries SessionCacheEntries { get; } = new("kind");

    public MetricSeries WhoamiRequests { get; } = new("answer");

    public DurationHistogram WhoamiDuration { get; }

    public MetricSeries KratosReady { get; } = new();

    public MetricSeries ReplicationConnected { get; } = new();

    public MetricSeries ReplicationRevocations { get; } = new("direction");

    public MetricSeries StreamsOpen { get; } = new("kind");

    public MetricSeries StreamsEnded { get; } = new("reason");

    public MetricSeries RateLimited { get; } = new("policy");

    public MetricSeries RateLimitPartitions { get; } = new("policy");

    public MetricSeries RateLimitOverflowed { get; } = new("policy");

    public MetricSeries RateLimitUncounted { get; } = new("policy");

    public MetricSeries ConfigReloads { get; } = new("result");

    public MetricSeries ConfigLastApplied { get; } = new();

    /// <summary>Every route that was ever configured; their number is bounded by the configuration.</summary>
    private IEnumerable<RouteMetrics> Routes => _routes.Values.OrderBy(r => r.Route, StringComparer.Ordinal);

    /// <summary>The metrics of the route with this id, which becomes a label.</summary>
    public RouteMetrics Of(string route) =>
        _routes.GetOrAdd(route, static (id, own) => new RouteMetrics(id, own._reasons, own._requestDuration), this);

    /// <summary>Adds every family as it is now.</summary>
    public void Write(MetricText text)
    {
        foreach (var write in _families)
            write(text);
    }

    private Func<IEnumerable<Measurement<long>>> ByRoute(Func<RouteMetrics, IEnumerable<Measurement<long>>> read) =>
        () => Routes.SelectMany(read);

    private void Counter(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read)
    {
        var instrument = _meter.CreateObservableCounter(name, read, unit, description);
        _families.Add(text => Write(text, instrument, read()));
    }

    private void Counter(string name, string unit, string description, MetricSeries series) =>
        Add(_meter.CreateObservableCounter(name, series.Read, unit, description), series);

    private void UpDownCounter(string name, string unit, string description, MetricSeries series) =>
        Add(_meter.CreateObservableUpDownCounter(name, series.Read, unit, description), series);

    private void Gauge(string name, string? unit, string description, MetricSeries series) =>
        Add(_meter.CreateObservableGauge(name, series.Read, unit, description), series);

    private Histogram<double> Duration(string name, string description) =>
        _meter.CreateHistogram(
            name,
            "s",
            description,
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationHistogram.Bounds });

    private void Add(Histogram<double> instrument, Func<IEnumerable<DurationHistogram>> read) => _families.Add(text =>
    {
        var family = text.Family(instrument);
        foreach (var histogram in read())
            histogram.Write(text, family);
    });

    private void Add(Instrument instrument, MetricSeries series) => _families.Add(text =>
    {
        if (!series.IsEmpty)
            Write(text, instrument, series.Read());
    });

    private static void Write(MetricText text, Instrument instrument, IEnumerable<Measurement<long>> measurements)
    {
        var family = text.Family(instrument);
        foreach (var measurement in measurements)
            text.Sample(family, measurement.Tags, measurement.Value);
    }
}
