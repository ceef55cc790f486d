using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace DevKratos.ContractTests.Support;

/// <summary>The person's side of TOTP, written apart from DevKratos' own so that one checks the other.</summary>
internal static class AuthenticatorApp
{
    public static string Code(string base32Secret, DateTimeOffset now)
    {
        var bits = string.Concat(base32Secret.Select(c => Convert.ToString(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var key = bits.Chunk(8).Where(b => b.Length == 8).Select(b => Convert.ToByte(new string(b), 2)).ToArray();
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, now.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // RFC 6238.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
}
