using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Gateway.Targets;

/// <summary>
/// Which requests may become another protocol. YARP forwards every one that asks for WebSockets or SPDY as GET, whatever method
/// the route's rule has seen. So only a WebSocket's handshake (RFC 6455 section 4.1) asks; everything else loses its
/// <c>Upgrade</c> and is the ordinary request that remains (RFC 9110 section 7.8: a server may ignore it).
/// </summary>
internal static class UpgradeGuard
{
    private const string WebSocket = "websocket";
    private const string Spdy = "SPDY/";
    private const int KeyBytes = 16;
    private const int KeyLength = 24;

    /// <summary>Whether the request can go on: not when another method than GET asks for what YARP would switch to.</summary>
    public static bool Admits(HttpContext context)
    {
        var request = context.Request;
        var upgrade = request.Headers.Upgrade;
        return upgrade.Count == 0 || Admits(request, upgrade);
    }

    private static bool Admits(HttpRequest request, StringValues upgrade)
    {
        // Kestrel's word, and what YARP goes by: HTTP/1, Connection names it, and there is no body.
        var isUpgradable = request.HttpContext.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
        if (isUpgradable && !HttpMethods.IsGet(request.Method) && upgrade.Any(Switches)) return false;
        if (!isUpgradable || !IsHandshake(request, upgrade))
            request.Headers.Upgrade = StringValues.Empty;
        return true;
    }

    private static bool Switches(string? protocols)
    {
        foreach (var protocol in protocols.AsSpan().Split(','))
        {
            var name = protocols.AsSpan()[protocol].Trim();
            if (name.Equals(WebSocket, StringComparison.OrdinalIgnoreCase)) return true;
            if (name.StartsWith(Spdy, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    private static bool IsHandshake(HttpRequest request, StringValues upgrade) =>
        HttpMethods.IsGet(request.Method)
        && HttpProtocol.IsHttp11(request.Protocol)
        && upgrade.Count == 1
        && WebSocket.Equals(upgrade[0], StringComparison.OrdinalIgnoreCase)
        && request.Headers.SecWebSocketVersion is ["13"]
        && IsKey(request.Headers.SecWebSocketKey);

    private static bool IsKey(StringValues key) =>
        key.Count == 1
        && key[0]?.Length == KeyLength
        && Convert.TryFromBase64String(key[0]!, stackalloc byte[KeyBytes], out var length)
        && length == KeyBytes;
}
