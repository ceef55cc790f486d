using Gateway.Kratos;
using Gateway.Sessions.Cache;
using Gateway.Telemetry;

namespace Gateway.Sessions;

/// <summary>Metrics of the session cache and of the calls to Kratos.</summary>
internal sealed partial class SessionMetrics(ILogger<SessionMetrics> log)
{
    private readonly Counter _hits = new();
    private readonly Counter _refusedHits = new();
    private readonly Counter _misses = new();
    private readonly Counter _stale = new();
    private readonly Counter[] _answers = [.. Enum.GetValues<WhoamiStatus>().Select(_ => new Counter())];
    private readonly Histogram _duration = new();

    /// <summary>Calls to whoami since the start.</summary>
    public long WhoamiCalls => _answers.Sum(c => c.Value);

    public void CacheHit(SessionOutcome outcome) => (outcome is SessionOutcome.Active ? _hits : _refusedHits).Increment();

    public void CacheMiss() => _misses.Increment();

    public void StaleServed() => _stale.Increment();

    public void Answered(WhoamiAnswer answer, TimeSpan duration)
    {
        _answers[(int)answer.Status].Increment();
        _duration.Record(duration);
        if (answer.Status is WhoamiStatus.NoVerdict)
            LogNoVerdict(log, answer.Failure ?? "unknown");
    }

    public void LookupFailed(Exception exception) => LogLookupFailed(log, exception);

    public void Write(MetricText text, SessionCache cache, KratosReadiness readiness)
    {
        text.Family("gateway_session_lookups_total", "counter", "Session look-ups by result.");
        text.Sample("gateway_session_lookups_total", "result=\"hit\"", _hits.Value);
        text.Sample("gateway_session_lookups_total", "result=\"refused_hit\"", _refusedHits.Value);
        text.Sample("gateway_session_lookups_total", "result=\"miss\"", _misses.Value);
        text.Sample("gateway_session_lookups_total", "result=\"stale\"", _stale.Value);
        text.Family("gateway_session_cache_entries", "gauge", "Cached verdicts.");
        text.Sample("gateway_session_cache_entries", "kind=\"session\"", cache.Count);
        text.Sample("gateway_session_cache_entries", "kind=\"refused\"", cache.RefusedCount);
        text.Family("gateway_whoami_requests_total", "counter", "Calls to Kratos' whoami by its answer.");
        foreach (var status in Enum.GetValues<WhoamiStatus>())
            text.Sample("gateway_whoami_requests_total", $"answer=\"{Name(status)}\"", _answers[(int)status].Value);
        text.Family("gateway_whoami_duration_seconds", "histogram", "Time until Kratos' verdict, readiness check included.");
        _duration.Write(text, "gateway_whoami_duration_seconds", "");
        text.Family("gateway_kratos_ready", "gauge", "Last known readiness of Kratos: 1 ready, 0 not, -1 not known.");
        text.Sample("gateway_kratos_ready", "", readiness.LastKnown switch { true => 1, false => 0, null => -1 });
    }

    private static string Name(WhoamiStatus status) => status switch
    {
        WhoamiStatus.Active => "active",
        WhoamiStatus.SecondFactorRequired => "second_factor_required",
        WhoamiStatus.NoSession => "no_session",
        WhoamiStatus.NoVerdict => "no_verdict",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    [LoggerMessage(EventIds.KratosNoVerdict, LogLevel.Warning, "No verdict from Kratos: {Failure}")]
    private static partial void LogNoVerdict(ILogger logger, string failure);

    [LoggerMessage(
        EventIds.LookupFailed, LogLevel.Error, "A session look-up failed in a way nobody foresaw; it counts as no verdict")]
    private static partial void LogLookupFailed(ILogger logger, Exception exception);
}
