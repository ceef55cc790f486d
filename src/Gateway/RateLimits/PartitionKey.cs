using System.Buffers.Binary;
using System.IO.Hashing;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gateway.Decisions;
using Gateway.Network;

namespace Gateway.RateLimits;

/// <summary>
/// By what a request is counted: 128 bits of a hash of a subject, an address and so on. Long texts take no more memory than short
/// ones, and neither the table nor Redis holds a credential, a name or an address. For Redis, where all replicas have to agree,
/// it is SHA-256; in this process a hash that takes a tenth of the time, with a seed that nobody outside knows, so that nobody
/// can search for keys that meet.
/// </summary>
internal static class PartitionKey
{
    private const int AddressBytes = 16;

    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <param name="route">The route's id.</param>
    /// <param name="isShared">Whether other replicas count by the same key.</param>
    public static UInt128 Of(HttpContext context, RateLimitPolicy policy, string route, bool isShared) =>
        policy.PartitionBy switch
        {
            PartitionSource.Caller => Caller.Of(context) is { } caller
                ? Of($"as caller {caller.Authenticator} {caller.Subject}", isShared)
                : Of(context.Connection.RemoteIpAddress, isShared),
            PartitionSource.Authenticator => Of($"authenticator {Caller.Of(context)?.Authenticator}", isShared),
            PartitionSource.ClientAddress => Of(context.Connection.RemoteIpAddress, isShared),
            PartitionSource.Route => Of($"on route {route}", isShared),
            PartitionSource.Header => context.Request.Headers.TryGetValue(policy.Header!, out var value)
                ? Of($"by header {value}", isShared)
                : Of(context.Connection.RemoteIpAddress, isShared),
            _ => throw new ArgumentOutOfRangeException(nameof(policy)),
        };

    /// <summary>Peers without an address share.</summary>
    private static UInt128 Of(IPAddress? address, bool isShared) =>
        Hash(ClientAddress.NetworkOf(address, stackalloc byte[AddressBytes]), isShared);

    /// <summary>A text with its kind in front has more than eight bytes, and is taken for no address.</summary>
    private static UInt128 Of(string text, bool isShared)
    {
        const int Most = 512;
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = length <= Most ? stackalloc byte[Most] : new byte[length];
        return Hash(bytes[..Encoding.UTF8.GetBytes(text, bytes)], isShared);
    }

    private static UInt128 Hash(ReadOnlySpan<byte> bytes, bool isShared)
    {
        if (!isShared) return XxHash128.HashToUInt128(bytes, Seed);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
