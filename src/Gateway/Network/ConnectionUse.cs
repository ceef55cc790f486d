using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Network;

/// <summary>
/// Which connections are at work although they read from the client: HTTP/2's, an upgraded one, an upload. And where the gateway
/// is leaving, asks clients to leave, too.
/// </summary>
internal sealed class ConnectionUse(RequestDelegate next, Drain drain)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (drain.IsOn)
            Drain.AskToLeave(context);
        return Reads(context) && context.Features.Get<ConnectionSlot>() is { } slot
            ? CountAsync(context, slot)
            : next(context);
    }

    /// <summary>A request with a body, which an upgraded one has also.</summary>
    private static bool Reads(HttpContext context) =>
        !HttpProtocol.IsHttp11(context.Request.Protocol)
        || context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    private async Task CountAsync(HttpContext context, ConnectionSlot slot)
    {
        slot.Begin();
        try
        {
            await next(context);
        }
        finally
        {
            slot.End();
        }
    }
}
