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
    private readonly Counter _doubted = new();
    private readonly Counter _busy = new();
    private readonly LogPause _burstPause;
    private readonly LogPause _busyPause;
    private readonly Counter[] _answers = [.. Enum.GetValues<WhoamiStatus>().Select(_ => new Counter())];
    private readonly DurationHistogram _duration;
    private readonly ILogger _log;

    public SessionMetrics(
        GatewayMetrics metrics,
        SessionCache cache,
        KratosReadiness readiness,
        TimeProvider time,
        ILogger<SessionMetrics> log)
    {
        (_duration, _log) = (metrics.WhoamiDuration, log);
        // As thousands come at once.
        var pause = TimeSpan.FromSeconds(1);
        (_burstPause, _busyPause) = (new(pause, time), new(pause, time));
        metrics.SessionLookups.Add("hit", () => _hits.Value);
        metrics.SessionLookups.Add("refused_hit", () => _refusedHits.Value);
        metrics.SessionLookups.Add("miss", () => _misses.Value);
        metrics.SessionLookups.Add("stale", () => _stale.Value);
        metrics.SessionLookups.Add("doubted", () => _doubted.Value);
        metrics.SessionCacheEntries.Add("session", () => cache.Count);
        metrics.SessionCacheEntries.Add("refused", () => cache.RefusedCount);
        foreach (var status in Enum.GetValues<WhoamiStatus>())
            metrics.WhoamiRequests.Add(Name(status), () => _answers[(int)status].Value);
        metrics.WhoamiRequests.Add("busy", () => _busy.Value);
        metrics.KratosReady.Add(() => readiness.LastKnown switch { true => 1, false => 0, null => -1 });
    }

    public void CacheHit(SessionOutcome outcome) => (outcome is SessionOutcome.Active ? _hits : _refusedHits).Increment();

    public void CacheMiss() => _misses.Increment();

    public void StaleServed() => _stale.Increment();

    /// <summary>Kratos refused a credential and was not believed.</summary>
    /// <param name="isBurst">Because of many others; else because of Kratos' state, which is logged as any trouble is.</param>
    public void RefusalDoubted(bool isBurst)
    {
        _doubted.Increment();
        if (isBurst && _burstPause.IsOver())
            LogBurst(_log);
    }

    public void Answered(WhoamiAnswer answer, TimeSpan duration)
    {
        if (answer is { Status: WhoamiStatus.NoVerdict, Cause: NoVerdictCause.Busy })
        {
            _busy.Increment();
            if (_busyPause.IsOver())
                LogNoVerdict(_log, answer.Failure!);
            return;
        }
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

    [LoggerMessage(EventIds.KratosRefusalsDoubted, LogLevel.Warning,
        "Kratos refuses many people at once who were signed in a moment ago; their sessions serve on for a minute at most")]
    private static partial void LogBurst(ILogger logger);

    [LoggerMessage(EventIds.LookupFailed, LogLevel.Error,
        "A session look-up failed in a way nobody foresaw; it counts as no verdict")]
    private static partial void LogLookupFailed(ILogger logger, Exception exception);
}
