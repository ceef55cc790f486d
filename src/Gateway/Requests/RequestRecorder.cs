using Gateway.Access;
using Gateway.Decisions;
using Gateway.Network;
using Gateway.Telemetry;

namespace Gateway.Requests;

/// <summary>One log line and one measurement per request.</summary>
internal sealed class RequestRecorder(AccessLog log, GatewayMetrics metrics, TimeProvider time)
{
    /// <summary>The timestamp to finish with.</summary>
    public long Start() => time.GetTimestamp();

    public void Finish(HttpContext context, long started)
    {
        var duration = time.GetElapsedTime(started);
        var status = context.Response.StatusCode;
        var route = RoutePolicy.Of(context)?.Metrics;
        (route ?? metrics.NoRoute).Finished(status, duration);
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
            Reason = Denial.Of(context)?.Reason.Name(),
            IdentityId = Caller.Of(context)?.Subject,
            ClientAddress = ClientAddress.Of(context),
        });
    }
}
