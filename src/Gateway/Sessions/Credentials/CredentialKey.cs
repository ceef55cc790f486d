using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Gateway.Sessions.Credentials;

/// <summary>
/// The SHA-256 of a credential, by which its verdict is cached. As text (base64url) it travels between replicas.
/// </summary>
internal readonly record struct CredentialKey(ulong A, ulong B, ulong C, ulong D)
{
    private const int TextLength = 43;

    /// <summary>
    /// Odd, and new in every process: whoever searches for credentials whose hashes share some bits cannot crowd one chain of the
    /// cache with them.
    /// </summary>
    private static readonly ulong Multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    public static CredentialKey From(ReadOnlySpan<byte> sha256) => MemoryMarshal.Read<CredentialKey>(sha256);

    /// <summary>False for whatever <see cref="ToString"/> cannot have written.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out CredentialKey key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var read = text.Length == TextLength
            && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, hash, out var length)
            && length == hash.Length;
        key = read ? From(hash) : default;
        return read;
    }

    /// <summary>
    /// The high half of the product. Every bit of <see cref="A"/> goes into its top bits: those are for choosing a chain.
    /// </summary>
    public override int GetHashCode() => (int)(A * Multiplier >> 32);

    public override string ToString() => Base64Url.EncodeToString(MemoryMarshal.AsBytes([this]));
}
