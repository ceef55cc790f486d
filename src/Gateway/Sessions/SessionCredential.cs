using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Sessions;

internal enum CredentialKind : byte { SessionToken = 1, Cookie = 2 }

/// <summary>
/// The one credential of a request, exactly as it came. A session token is the same credential in <c>X-Session-Token</c>
/// and as Bearer; a cookie is the whole pair, or all pairs of that name when the browser sent several.
/// </summary>
internal readonly record struct SessionCredential(CredentialKind Kind, string Value)
{
    /// <summary>Length of a cache key in characters: SHA-256 in base64url.</summary>
    public const int KeyLength = 43;

    public string? SessionToken => Kind is CredentialKind.SessionToken ? Value : null;

    public string? Cookie => Kind is CredentialKind.Cookie ? Value : null;

    /// <summary>Writes the cache key: a hash of kind and exact value, so that no credential lies in memory for longer than its request.</summary>
    public void WriteKey(Span<char> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var value = MemoryMarshal.AsBytes(Value.AsSpan());
        if (value.Length < 1024)
        {
            Span<byte> input = stackalloc byte[1 + value.Length];
            input[0] = (byte)Kind;
            value.CopyTo(input[1..]);
            SHA256.HashData(input, hash);
        }
        else
        {
            SHA256.HashData([(byte)Kind, .. value], hash);
        }
        Base64Url.EncodeToChars(hash, key);
    }

    public string Key()
    {
        Span<char> key = stackalloc char[KeyLength];
        WriteKey(key);
        return new string(key);
    }

    /// <summary>Never prints the credential.</summary>
    public override string ToString() => Kind.ToString();
}
