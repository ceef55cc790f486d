using System.Net;
using Gateway.Decisions;
using Gateway.Network;
using Microsoft.AspNetCore.HttpOverrides;

namespace Gateway.Targets;

/// <summary>
/// In front of ASP.NET Core's forwarded headers, where proxies are trusted: their word on the host is held to the same rules as a
/// Host, and that middleware, which decodes both, throws at none.
/// </summary>
/// <param name="remembersPeer">Whether somebody asks later whether a trusted proxy has sent the request.</param>
internal sealed class ForwardedHostGuard(RequestDelegate next, NetworkOptions network, bool remembersPeer)
{
    private readonly System.Net.IPNetwork[] _trusted = [.. network.Networks];

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var isUsable = headers.Host.Count == 0 || IsUsable(headers.Host);
        if (isUsable && IsTrusted(context.Connection.RemoteIpAddress))
        {
            isUsable = AreUsable(headers);
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

    private static bool AreUsable(IHeaderDictionary headers) =>
        Array.TrueForAll(headers.GetCommaSeparatedValues(ForwardedHeadersDefaults.XForwardedHostHeaderName), IsUsable);

    private static bool IsUsable(string? host) => !string.IsNullOrEmpty(host) && HostName.Usable(host) is not null;
}
