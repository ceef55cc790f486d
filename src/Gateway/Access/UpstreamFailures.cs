using Gateway.Denials;
using Gateway.Rules;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Access;

/// <summary>Gives YARP's empty 502, 503 and 504 a body. Nothing of the upstream's address or error is told.</summary>
internal sealed partial class UpstreamFailures(DenialResponder denials, ILogger<UpstreamFailures> log)
{
    /// <summary>Answers a request that the forwarder could not complete.</summary>
    public async Task AnswerAsync(HttpContext context, ForwarderError failure)
    {
        if (IsOfUpstream(failure))
        {
            RoutePolicy.Of(context)?.Figures.UpstreamFailed();
            var proxy = context.GetReverseProxyFeature();
            LogFailed(log, context.TraceIdentifier, proxy.Route.Config.RouteId, proxy.ProxiedDestination?.DestinationId, failure);
        }
        if (context.Response.StatusCode < 400 || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested) return;
        var reason = context.Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest or StatusCodes.Status408RequestTimeout => Reason.MalformedRequest,
            StatusCodes.Status413PayloadTooLarge => Reason.RequestTooLarge,
            StatusCodes.Status503ServiceUnavailable => Reason.UpstreamUnavailable,
            StatusCodes.Status504GatewayTimeout => Reason.UpstreamTimeout,
            _ => Reason.UpstreamUnreachable,
        };
        await denials.AnswerAsync(context, reason);
    }

    /// <summary>What the forwarder reports, or that there was no destination to forward to. An upstream's own 503 is none, nor is the gateway's own answer.</summary>
    public static ForwarderError Of(HttpContext context) =>
        context.Features[typeof(IForwarderErrorFeature)] is IForwarderErrorFeature feature ? context.Features.Get<Denial>() is null ? feature.Error : ForwarderError.None
        : context.Response.StatusCode >= 400 && context.Features.Get<IReverseProxyFeature>() is { ProxiedDestination: null } && context.Features.Get<Denial>() is null ? ForwarderError.NoAvailableDestinations
        : ForwarderError.None;

    /// <summary>The rest is a client that went away or sent nonsense.</summary>
    private static bool IsOfUpstream(ForwarderError error) => error is ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.RequestCreation
        or ForwarderError.NoAvailableDestinations or ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination or ForwarderError.ResponseHeaders
        or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination;

    /// <summary>In the place of YARP's own lines (switched off in appsettings.json), which hold internal addresses and stack traces.</summary>
    [LoggerMessage(EventIds.UpstreamFailed, LogLevel.Warning, "Request {RequestId} of route {Route} got no answer from destination {Destination}: {Error}")]
    private static partial void LogFailed(ILogger logger, string requestId, string route, string? destination, ForwarderError error);
}
