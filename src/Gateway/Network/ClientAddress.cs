using System.Net;
using System.Net.Sockets;

namespace Gateway.Network;

/// <summary>The client's address: the peer's, or what a trusted proxy said it was.</summary>
internal static class ClientAddress
{
    /// <summary>Loopback, RFC 1918, and IPv6's unique local addresses (RFC 4193).</summary>
    private static readonly IPNetwork[] PrivateNetworks =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>Whether nobody outside can have it; an IPv4 address may be mapped to IPv6.</summary>
    public static bool IsPrivate(IPAddress? address)
    {
        if (address is null) return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return PrivateNetworks.Any(network => network.Contains(plain));
    }

    /// <summary>
    /// The bytes by which one client is told from another: those of an IPv4 address, mapped to IPv6 or not; of an IPv6 address
    /// its /64, which is the least that one customer gets. None of a peer without an address.
    /// </summary>
    /// <param name="buffer">Of 16 bytes.</param>
    public static ReadOnlySpan<byte> NetworkOf(IPAddress? address, Span<byte> buffer)
    {
        const int Ipv6Network = 8;
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        if (address is null || !address.TryWriteBytes(buffer, out var length)) return default;
        return buffer[..(address.AddressFamily is AddressFamily.InterNetworkV6 ? Ipv6Network : length)];
    }

    /// <summary>The address as text, an IPv4 one never mapped to IPv6; null for a peer without one.</summary>
    public static string? Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : address?.ToString();
    }
}
