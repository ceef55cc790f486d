using Gateway.Access;
using Gateway.Decisions;
using Gateway.Network;
using Gateway.Telemetry;

namespace Gateway.Requests;

/// <summary>One log line and one measurement per request; a refused one is kept for who asks why.</summary>
internal sealed class RequestRecorder(AccessLog log, GatewayMetrics metrics, RecentDenials denials, TimeProvider time)
{
    /// <summary>The timestamp to finish with.</summary>
    public long Start() => time.GetTimestamp();

    /// <param name="refused">Whether the gateway has answered in its own name.</param>
    public void Finish(HttpContext context, long started, bool refused)
    {
        var duration = time.GetElapsedTime(started);
        var status = context.Response.StatusCode;
        var policy = RoutePolicy.Of(context);
        var route = policy?.Metrics;
        (route ?? metrics.NoRoute).Finished(status, duration);
        // Looking costs; nobody looks where nothing can be found and nothing is written.
        var reason = refused || log.Enabled ? Denial.Of(context)?.Reason : null;
        if (reason is { } denied)
            denials.Add(DeniedRequest.Of(context, denied, time.GetUtcNow()));
        if (!log.Enabled) return;
        log.Write(new()
        {
            Time = time.GetUtcNow(),
            RequestId = context.TraceIdentifier,
            Method = context.Request.Method,
            Path = context.Request.Path.Value ?? "",
            Status = status,
            Duration = duration,
            Route = route?.Route,
            Rule = policy?.Rule.Name,
            Reason = reason?.Name(),
            Condition = reason is null ? null : FailedCondition.Of(context)?.Condition.Name,
            IdentityId = Caller.Of(context)?.Subject,
            ClientAddress = ClientAddress.Of(context),
        });
    }
}
