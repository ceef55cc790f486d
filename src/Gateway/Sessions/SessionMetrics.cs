using Gateway.Kratos;
using Gateway.Sessions.Cache;
using Gateway.Telemetry;

namespace Gateway.Sessions;

/// <summary>Metrics of the session cache and of the calls to Kratos.</summary>
internal sealed partial class SessionMetrics
{
    private readonly Counter _hits = new();
    private readonly Counter _refusedHits = new();
    private readonly Counter _misses = new();
    private readonly Counter _stale = new();
    private readonly Counter[] _answers = [.. Enum.GetValues<WhoamiStatus>().Select(_ => new Counter())];
    private readonly DurationHistogram _duration;
    private readonly ILogger _log;

    public SessionMetrics(
        GatewayMetrics metrics, SessionCache cache, KratosReadiness readiness, ILogger<SessionMetrics> log)
    {
        (_duration, _log) = (metrics.WhoamiDuration, log);
        metrics.SessionLookups.Add("hit", () => _hits.Value);
        metrics.SessionLookups.Add("refused_hit", () => _refusedHits.Value);
        metrics.SessionLookups.Add("miss", () => _misses.Value);
        metrics.SessionLookups.Add("stale", () => _stale.Value);
        metrics.SessionCacheEntries.Add("session", () => cache.Count);
        metrics.SessionCacheEntries.Add("refused", () => cache.RefusedCount);
        foreach (var status in Enum.GetValues<WhoamiStatus>())
            metrics.WhoamiRequests.Add(Name(status), () => _answers[(int)status].Value);
        metrics.KratosReady.Add(() => readiness.LastKnown switch { true => 1, false => 0, null => -1 });
    }

    public void CacheHit(SessionOutcome outcome) => (outcome is SessionOutcome.Active ? _hits : _refusedHits).Increment();

    public void CacheMiss() => _misses.Increment();

    public void StaleServed() => _stale.Increment();

    public void Answered(WhoamiAnswer answer, TimeSpan duration)
    {
        _answers[(int)answer.Status].Increment();
        _duration.Record(duration);
        if (answer.Status is WhoamiStatus.NoVerdict)
            LogNoVerdict(_log, answer.Failure ?? "unknown");
    }

    public void LookupFailed(Exception exception) => LogLookupFailed(_log, exception);

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

    [LoggerMessage(EventIds.LookupFailed, LogLevel.Error,
        "A session look-up failed in a way nobody foresaw; it counts as no verdict")]
    private static partial void LogLookupFailed(ILogger logger, Exception exception);
}
