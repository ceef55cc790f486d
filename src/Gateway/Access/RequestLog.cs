using System.Diagnostics.CodeAnalysis;
using Gateway.Denials;
using Gateway.Forwarding;
using Gateway.Rules;
using Gateway.Sessions;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Access;

/// <summary>The outermost layer: one log line and one measurement per request, and an answer to what nobody foresaw.</summary>
internal sealed partial class RequestLog(RequestDelegate next, AccessLog log, RequestMetrics metrics, UpstreamFailures failures, DenialResponder denials, TimeProvider time, ILogger<RequestLog> logger)
{
    private readonly RouteFigures _noRoute = metrics.Of(RequestMetrics.NoRoute);

    [SuppressMessage("Design", "CA1031", Justification = "The last resort.")]
    public async Task InvokeAsync(HttpContext context)
    {
        var started = time.GetTimestamp();
        try
        {
            await next(context);
            if (UpstreamFailures.Of(context) is not ForwarderError.None and var failure) await failures.AnswerAsync(context, failure);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted) context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode; // Kestrel's own refusals: body too large, too slow, malformed
        }
        catch (Exception e)
        {
            LogUnhandled(logger, e, context.TraceIdentifier);
            if (context.Response.HasStarted) throw;
            await denials.AnswerAsync(context, Reason.InternalError);
        }
        finally
        {
            Finish(context, time.GetElapsedTime(started));
        }
    }

    private void Finish(HttpContext context, TimeSpan duration)
    {
        var status = context.Response.StatusCode;
        var route = RoutePolicy.Of(context)?.Figures;
        (route ?? _noRoute).Finished(status, duration);
        if (!log.Enabled) return;
        log.Write(new(
            time.GetUtcNow(), context.TraceIdentifier, context.Request.Method, context.Request.Path.Value ?? "", status, duration,
            route?.Route,
            (context.Features[typeof(Denial)] as Denial)?.Reason.Name(),
            (context.Features[typeof(SessionVerdict)] as SessionVerdict)?.Session?.IdentityId,
            ClientAddress.Of(context)));
    }

    [LoggerMessage(EventIds.UnhandledException, LogLevel.Error, "Request {RequestId} failed in a way nobody foresaw")]
    private static partial void LogUnhandled(ILogger logger, Exception exception, string requestId);
}
