using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DevKratos.State;

/// <summary>
/// Time-based one-time passwords (RFC 6238: SHA-1, six digits, thirty seconds), one step of clock skew allowed.
/// </summary>
internal static class Totp
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int StepSeconds = 30;

    public static string NewSecret() => RandomNumberGenerator.GetString(Base32, 32);

    public static bool Verify(string secret, string code, DateTimeOffset now)
    {
        var given = Encoding.ASCII.GetBytes(code.Trim());
        var matches = false;
        for (var skew = -1; skew <= 1; skew++)
        {
            var expected = Encoding.ASCII.GetBytes(Code(secret, now.AddSeconds(skew * StepSeconds)));
            matches |= CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return matches;
    }

    public static string Code(string secret, DateTimeOffset now)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, now.ToUnixTimeSeconds() / StepSeconds);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238 as authenticator apps implement it is HMAC-SHA-1.
        HMACSHA1.HashData(Decode(secret), counter, hash);
#pragma warning restore CA5350
        var offset = hash[^1] & 0x0f;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string secret)
    {
        var bytes = new byte[secret.Length * 5 / 8];
        int buffer = 0, bits = 0, at = 0;
        foreach (var letter in secret)
        {
            buffer = (buffer << 5) | Math.Max(0, Base32.IndexOf(letter, StringComparison.Ordinal));
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            if (at < bytes.Length)
                bytes[at++] = (byte)(buffer >> bits);
        }

        return bytes;
    }
}
