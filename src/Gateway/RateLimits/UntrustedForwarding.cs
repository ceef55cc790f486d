using Gateway.Network;
using Gateway.Telemetry;
using Microsoft.AspNetCore.HttpOverrides;

namespace Gateway.RateLimits;

/// <summary>
/// Whether a request came through a proxy that <c>Network:TrustedProxies</c> does not name: a private peer with an
/// <c>X-Forwarded-For</c> that nobody believed. Said in the log once.
/// </summary>
internal sealed partial class UntrustedForwarding(ILogger<UntrustedForwarding> log)
{
    private int _said;

    public bool IsSeen(HttpContext context, bool isSaid)
    {
        var headers = context.Request.Headers;
        if (!headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName)) return false;
        // ForwardedHeadersMiddleware has believed the last of it: the rest is what the client of a trusted proxy says itself.
        if (headers.ContainsKey(ForwardedHeadersDefaults.XOriginalForHeaderName)) return false;
        if (!ClientAddress.IsPrivate(context.Connection.RemoteIpAddress)) return false;
        if (isSaid && Interlocked.Exchange(ref _said, 1) == 0)
            LogOff(log, ClientAddress.Of(context));
        return true;
    }

    [LoggerMessage(EventIds.SignInLimitOff, LogLevel.Warning,
        "The limit on sign-ins is off for requests that {Peer} forwards: all people would share its address. Name it in "
            + "Network:TrustedProxies")]
    private static partial void LogOff(ILogger logger, string? peer);
}
