using Gateway.Access;
using Gateway.Decisions;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Requests;

/// <summary>
/// Turns YARP's empty 502, 503 and 504 into refusals with a reason. Nothing of the upstream's address or error is told.
/// </summary>
internal sealed partial class UpstreamFailures(ILogger<UpstreamFailures> log)
{
    /// <summary>
    /// Why the forwarder could not complete the request, if so, and if it can still be answered. An upstream's own 503 is
    /// none, nor is the gateway's own answer.
    /// </summary>
    public Denial? Judge(HttpContext context)
    {
        var failure = Of(context);
        if (failure is ForwarderError.None) return null;
        var isOutOfTime = IsOutOfTime(context, failure);
        if (isOutOfTime || IsOfUpstream(failure))
        {
            RoutePolicy.Of(context)?.Metrics.UpstreamFailed();
            var proxy = context.GetReverseProxyFeature();
            var error = isOutOfTime ? ForwarderError.RequestTimedOut : failure;
            LogFailed(log, context.TraceIdentifier, proxy.Route.Config.RouteId, proxy.ProxiedDestination?.DestinationId, error);
        }
        var response = context.Response;
        if (response.StatusCode < 400 || response.HasStarted || context.RequestAborted.IsCancellationRequested) return null;
        return new(response.StatusCode switch
        {
            StatusCodes.Status400BadRequest or StatusCodes.Status408RequestTimeout => Reason.MalformedRequest,
            StatusCodes.Status413PayloadTooLarge => Reason.RequestTooLarge,
            StatusCodes.Status503ServiceUnavailable => Reason.UpstreamUnavailable,
            StatusCodes.Status504GatewayTimeout when isOutOfTime => Reason.RequestTimeout,
            StatusCodes.Status504GatewayTimeout => Reason.UpstreamTimeout,
            _ => Reason.UpstreamUnreachable,
        });
    }

    /// <summary>What the forwarder reports, or that there was no destination to forward to.</summary>
    private static ForwarderError Of(HttpContext context)
    {
        if (context.Features[typeof(IForwarderErrorFeature)] is IForwarderErrorFeature feature) return feature.Error;
        return context.Response.StatusCode >= 400 && context.Features.Get<IReverseProxyFeature>() is { ProxiedDestination: null }
            ? ForwarderError.NoAvailableDestinations
            : ForwarderError.None;
    }

    /// <summary>
    /// The route's own time was over (<c>RouteTimeout</c>): YARP took it for a request given up, and the client is there still.
    /// </summary>
    private static bool IsOutOfTime(HttpContext context, ForwarderError error) =>
        context.Response.StatusCode is StatusCodes.Status504GatewayTimeout
        && !context.RequestAborted.IsCancellationRequested
        && error
            is ForwarderError.RequestCanceled
            or ForwarderError.RequestBodyCanceled
            or ForwarderError.ResponseBodyCanceled
            or ForwarderError.UpgradeRequestCanceled
            or ForwarderError.UpgradeResponseCanceled;

    /// <summary>The rest is a client that went away or sent nonsense.</summary>
    private static bool IsOfUpstream(ForwarderError error) => error
        is ForwarderError.Request
        or ForwarderError.RequestTimedOut
        or ForwarderError.RequestCreation
        or ForwarderError.NoAvailableDestinations
        or ForwarderError.RequestBodyDestination
        or ForwarderError.ResponseBodyDestination
        or ForwarderError.ResponseHeaders
        or ForwarderError.UpgradeRequestDestination
        or ForwarderError.UpgradeResponseDestination;

    /// <summary>
    /// In the place of YARP's own lines (switched off in appsettings.json), which hold internal addresses and stack traces.
    /// </summary>
    [LoggerMessage(EventIds.UpstreamFailed, LogLevel.Warning,
        "Request {RequestId} of route {Route} got no answer from destination {Destination}: {Error}")]
    private static partial void LogFailed(
        ILogger logger, string requestId, string route, string? destination, ForwarderError error);
}
