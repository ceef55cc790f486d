using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Gateway.BrowserTests.Harness;

/// <summary>A person's authenticator app: RFC 6238 with SHA-1, six digits, thirty seconds.</summary>
internal static class AuthenticatorApp
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static string Code(string secret) => Code(secret, TimeProvider.System.GetUtcNow());

    public static string Code(string secret, DateTimeOffset at)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, at.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // RFC 6238 section 1.2
        var hash = HMACSHA1.HashData(Decode(secret), counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0x0f)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>A code that is not valid now, nor a step before or after.</summary>
    public static string WrongCode(string secret)
    {
        var now = TimeProvider.System.GetUtcNow();
        string[] valid = [.. Enumerable.Range(-2, 5).Select(step => Code(secret, now.AddSeconds(30 * step)))];
        return Enumerable.Range(0, 10).Select(digit => new string((char)('0' + digit), 6)).First(code => !valid.Contains(code));
    }

    private static byte[] Decode(string secret)
    {
        var bits = string.Concat(secret.Where(char.IsAsciiLetterOrDigit).Select(c =>
            Base32.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal).ToString("B5", CultureInfo.InvariantCulture)));
        return [.. bits.Chunk(8).Where(octet => octet.Length == 8).Select(octet => Convert.ToByte(new string(octet), 2))];
    }
}
