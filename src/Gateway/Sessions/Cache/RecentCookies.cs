using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Sessions.Credentials;

namespace Gateway.Sessions.Cache;

/// <summary>What is known of a Cookie line. Not a record, whose text would show the credential.</summary>
/// <param name="line">The line in ASCII.</param>
/// <param name="hash">Its hash. Lines are compared character by character only when theirs are equal, so that nobody learns
/// another's cookie bit by bit from the time that takes.</param>
/// <param name="key">The cache key of the session cookie in it.</param>
/// <param name="others">What else is in it.</param>
internal sealed class RecentCookie(byte[] line, uint hash, CacheKey key, string? others)
{
    public CacheKey Key { get; } = key;

    public string? Others { get; } = others;

    public bool Is(ReadOnlySpan<char> other, uint otherHash) => hash == otherHash && Ascii.Equals(line, other);
}

/// <summary>
/// The Cookie lines that came last, of cached sessions only. A browser repeats its line with every request, and hashing it with
/// SHA-256 would be most of what a cache hit costs. A table of fixed size without locks: a line takes the place of another of the
/// same slot, whose next requests are hashed again. So for up to a minute after its request a credential lies in memory, even of
/// a session that has ended; it opens nothing, as the key is looked up in the cache.
/// </summary>
internal sealed class RecentCookies : IDisposable
{
    private const int Slots = 8192;

    /// <summary>Longer lines are not kept: so the table holds 25 MB at most, and some 5 MB of ordinary lines.</summary>
    private const int MaxLength = 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly RecentCookie?[] _slots = new RecentCookie?[Slots];

    /// <summary>
    /// By slot, the hash of the line that asked for it last. A line gets the slot when it comes twice running, so that lines
    /// which do not come again push none out.
    /// </summary>
    private readonly uint[] _candidates = new uint[Slots];

    private readonly CredentialReader _credentials;
    private readonly ITimer _forget;

    public RecentCookies(CredentialReader credentials, TimeProvider time)
    {
        _credentials = credentials;
        _forget = time.CreateTimer(_ => Array.Clear(_slots), null, Lifetime, Lifetime);
    }

    /// <summary>What is known of exactly this line, or null.</summary>
    public RecentCookie? Find(string line)
    {
        if (line.Length > MaxLength) return null;
        var hash = Hash(line);
        return Volatile.Read(ref Slot(hash)) is { } found && found.Is(line, hash) ? found : null;
    }

    /// <summary>A line that was hashed just now, of a cached session. Remembered from the second time on.</summary>
    public void Remember(string line, CacheKey key)
    {
        if (line.Length > MaxLength) return;
        var hash = Hash(line);
        ref var candidate = ref _candidates[hash & (Slots - 1)];
        if (candidate != hash)
        {
            candidate = hash;
            return;
        }
        var ascii = new byte[line.Length];
        if (Ascii.FromUtf16(line, ascii, out _) is not OperationStatus.Done) return;
        Volatile.Write(ref Slot(hash), new RecentCookie(ascii, hash, key, _credentials.WithoutKratosCookies(line)));
    }

    public void Dispose() => _forget.Dispose();

    /// <summary>
    /// CRC-32C, which processors compute eight bytes at a time. What two lines of the same hash can do is take each other's
    /// place.
    /// </summary>
    internal static uint Hash(ReadOnlySpan<char> line)
    {
        var (hash, other) = (0u, 1u); // two at a time, as one waits for its own last result
        var eights = MemoryMarshal.Cast<char, ulong>(line);
        var i = 0;
        for (; i + 1 < eights.Length; i += 2)
            (hash, other) = (BitOperations.Crc32C(hash, eights[i]), BitOperations.Crc32C(other, eights[i + 1]));
        foreach (var rest in line[(i * 4)..])
            hash = BitOperations.Crc32C(hash, rest);
        return BitOperations.Crc32C(hash, other);
    }

    private ref RecentCookie? Slot(uint hash) => ref _slots[hash & (Slots - 1)];
}
