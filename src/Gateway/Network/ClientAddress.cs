namespace Gateway.Network;

/// <summary>The client's address: the peer's, or what a trusted proxy said it was.</summary>
internal static class ClientAddress
{
    /// <summary>The address as text, an IPv4 one never in IPv6 clothes; null for a peer without one.</summary>
    public static string? Of(HttpContext context) =>
        context.Connection.RemoteIpAddress is not { } address ? null
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString()
        : address.ToString();
}
