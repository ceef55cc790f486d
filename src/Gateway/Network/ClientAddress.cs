namespace Gateway.Network;

/// <summary>The client's address: the peer's, or what a trusted proxy said it was.</summary>
internal static class ClientAddress
{
    /// <summary>The address as text, an IPv4 one never mapped to IPv6; null for a peer without one.</summary>
    public static string? Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();
    }
}
