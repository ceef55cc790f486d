using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Sessions.Credentials;

internal enum CredentialKind : byte { SessionToken = 1, Cookie = 2 }

/// <summary>
/// The one credential of a request, and nothing else of it. A session token is the same credential in <c>X-Session-Token</c>
/// and as Bearer; a cookie is the whole pair, or all pairs of that name when the browser sent several values.
/// </summary>
internal readonly record struct SessionCredential(CredentialKind Kind, string Value)
{
    public string? SessionToken => Kind is CredentialKind.SessionToken ? Value : null;

    public string? Cookie => Kind is CredentialKind.Cookie ? Value : null;

    public CredentialKey Key() => new CredentialView(Kind, Value).Key();

    /// <summary>Never prints the credential.</summary>
    public override string ToString() => Kind.ToString();
}

/// <summary>A credential where it lies in the request's headers, so that a cache hit copies nothing.</summary>
internal readonly ref struct CredentialView(CredentialKind kind, ReadOnlySpan<char> value)
{
    private const int MaxOnStack = 1024;

    /// <summary>Set apart from <see cref="CredentialKind"/>: the hash input is UTF-16 instead of ASCII.</summary>
    private const byte NotAscii = 0x80;

    private readonly ReadOnlySpan<char> _value = value;

    public CredentialKind Kind { get; } = kind;

    public SessionCredential ToCredential() => new(Kind, _value.ToString());

    /// <summary>The cache key: a hash of kind and exact value, so that the cache holds no credential.</summary>
    public CredentialKey Key()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> input = _value.Length < MaxOnStack ? stackalloc byte[1 + MaxOnStack] : new byte[1 + _value.Length];
        if (Ascii.FromUtf16(_value, input[1..], out var length) is System.Buffers.OperationStatus.Done)
        {
            input[0] = (byte)Kind;
            SHA256.HashData(input[..(1 + length)], hash);
        }
        else
        {
            SHA256.HashData([(byte)((byte)Kind | NotAscii), .. MemoryMarshal.AsBytes(_value)], hash);
        }
        return CredentialKey.From(hash);
    }
}
