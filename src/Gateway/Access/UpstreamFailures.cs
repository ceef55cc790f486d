using Gateway.Denials;
using Gateway.Rules;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Access;

/// <summary>Gives YARP's empty 502, 503 and 504 a body. Nothing of the upstream's address or error is told.</summary>
internal sealed class UpstreamFailures(RequestDelegate next, DenialResponder denials)
{
    public Task InvokeAsync(HttpContext context)
    {
        var forwarding = next(context);
        return forwarding.IsCompletedSuccessfully && !HasFailed(context) ? Task.CompletedTask : AwaitAsync(context, forwarding);
    }

    private async Task AwaitAsync(HttpContext context, Task forwarding)
    {
        await forwarding;
        if (!HasFailed(context)) return;
        context.GetEndpoint()?.Metadata.GetMetadata<RouteFigures>()?.UpstreamFailed();
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested) return;
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

    /// <summary>The forwarder reports an error, or there was no destination to forward to. An upstream's own 503 is not touched.</summary>
    private static bool HasFailed(HttpContext context) =>
        context.Response.StatusCode >= 400
        && context.Features.Get<Denial>() is null
        && (context.Features.Get<IForwarderErrorFeature>() is { Error: not ForwarderError.None }
            || context.Features.Get<IReverseProxyFeature>() is { ProxiedDestination: null });
}
