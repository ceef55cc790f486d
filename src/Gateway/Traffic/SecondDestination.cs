using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Traffic;

/// <summary>
/// A request whose destination takes no connection goes once to another one, which the cluster's balancing picks of the rest.
/// It has sent nothing anywhere then, so it may be of any method and has its body still. Around balancing and passive health
/// checks, which count each try; where session affinity has left one destination, there is no other.
/// </summary>
internal sealed partial class SecondDestination(RequestDelegate next, ILogger<SecondDestination> log)
{
    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        return proxy.AvailableDestinations.Count < 2 ? next(context) : ForwardAsync(context, proxy, proxy.AvailableDestinations);
    }

    private async Task ForwardAsync(HttpContext context, IReverseProxyFeature proxy, IReadOnlyList<DestinationState> available)
    {
        var said = new SaidHead(context.Response);
        await next(context);
        if (!WasRefused(context) || context.RequestAborted.IsCancellationRequested) return;

        var refusing = proxy.ProxiedDestination!;
        LogRefused(log, context.TraceIdentifier, proxy.Route.Config.RouteId, refusing.DestinationId);
        // Transforms of an answer are applied to one that there is not, too.
        context.Response.Clear();
        said.Restore();
        context.Features.Set<IForwarderErrorFeature>(null);
        proxy.ProxiedDestination = null;
        proxy.AvailableDestinations = [.. available.Where(other => other != refusing)];
        await next(context);
    }

    /// <summary>
    /// .NET says so only of a connection that was not made. Of one that was, it tries a request again by itself while nothing of
    /// the body was sent; so nothing has been read of it here.
    /// </summary>
    private static bool WasRefused(HttpContext context)
    {
        if (context.Response.HasStarted) return false;
        if (context.GetForwarderErrorFeature() is not { Error: ForwarderError.Request, Exception: { } failure }) return false;
        return (failure as HttpRequestException)?.HttpRequestError
            is HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError;
    }

    [LoggerMessage(EventIds.ConnectionRefused, LogLevel.Warning,
        "Request {RequestId} of route {Route}: destination {Destination} takes no connection; another one is tried")]
    private static partial void LogRefused(ILogger logger, string requestId, string route, string destination);
}
