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
        return Reads(context.Request) && context.Features.Get<ConnectionSlot>() is { } slot
            ? CountAsync(context, slot)
            : next(context);
    }

    private static bool Reads(HttpRequest request) =>
        !HttpProtocol.IsHttp11(request.Protocol)
        || request.Headers.ContentLength > 0
        || request.Headers.Upgrade.Count > 0
        || request.Headers.TransferEncoding.Count > 0;

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
