using System.Net;
using Gateway.Decisions;
using Gateway.Network;
using Microsoft.AspNetCore.HttpOverrides;

namespace Gateway.Targets;

/// <summary>
/// In front of ASP.NET Core's forwarded headers, where proxies are trusted: their word on the host is held to the same rules as a
/// Host, and that middleware, which decodes both, throws at none. A scheme is <c>http</c> or <c>https</c>: it stands in front of
/// addresses that people open. And what no hop vouches for is not believed: that middleware reads on while the last address it
/// knows is a trusted one.
/// </summary>
/// <param name="remembersPeer">Whether somebody asks later whether a trusted proxy has sent the request.</param>
internal sealed class ForwardedHeadersGuard(RequestDelegate next, NetworkOptions network, bool remembersPeer)
{
    private readonly System.Net.IPNetwork[] _trusted = [.. network.Networks];

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var isUsable = headers.Host.Count == 0 || IsUsable(headers.Host);
        if (isUsable && IsTrusted(context.Connection.RemoteIpAddress))
        {
            // Each hop adds one value of each to the right. The peer is trusted, and vouches for its own though it names nobody.
            var addresses = headers.GetCommaSeparatedValues(ForwardedHeadersDefaults.XForwardedForHeaderName);
            var hops = Math.Max(addresses.Length, 1);
            isUsable = TryTake(headers, ForwardedHeadersDefaults.XForwardedHostHeaderName, hops, Usable)
                && TryTake(headers, ForwardedHeadersDefaults.XForwardedProtoHeaderName, hops, Scheme);
            if (remembersPeer)
                TrustedPeer.Remember(context);
        }
        return isUsable ? next(context) : context.DenyAsync(Reason.MalformedRequest);
    }

    private bool IsTrusted(IPAddress? address)
    {
        if (address is null) return true;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_trusted, n => n.Contains(plain) || n.Contains(address));
    }

    /// <summary>False: a value of the header there cannot be. Leaves those that a hop vouches for.</summary>
    /// <param name="read">The value as it is taken; null: there cannot be such a one.</param>
    private static bool TryTake(IHeaderDictionary headers, string name, int hops, Func<string, string?> read)
    {
        if (!headers.ContainsKey(name)) return true;
        var given = headers.GetCommaSeparatedValues(name);
        var taken = Array.ConvertAll(given, value => read(value));
        if (taken.Contains(null)) return false;
        if (taken.Length > hops || !taken.SequenceEqual(given))
            headers[name] = string.Join(", ", taken.TakeLast(hops));
        return true;
    }

    private static bool IsUsable(string? host) => !string.IsNullOrEmpty(host) && HostName.Usable(host) is not null;

    private static string? Usable(string host) => IsUsable(host) ? host : null;

    /// <summary>Traefik calls that of a WebSocket's handshake <c>ws</c> or <c>wss</c>.</summary>
    private static string? Scheme(string text) => text.ToLowerInvariant() switch
    {
        "http" or "ws" => "http",
        "https" or "wss" => "https",
        _ => null,
    };
}
