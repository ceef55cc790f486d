using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Sessions;

/// <summary>A Cookie line as a browser sent it, the cache key of the session cookie in it, and what else is in it.</summary>
/// <param name="Hash">The line's hash. Lines are compared character by character only when theirs are equal, so that nobody learns another's cookie bit by bit from the time that takes.</param>
internal sealed record RecentCookie(string Line, uint Hash, CredentialKey Key, string? Others);

/// <summary>
/// The Cookie lines that came last, of cached sessions only. A browser repeats its line with every request, and hashing it with SHA-256 would be most of
/// what a cache hit costs. A table of fixed size without locks: a line takes the place of another of the same slot. All are forgotten every minute.
/// </summary>
internal sealed class RecentCookies : IDisposable
{
    private const int Slots = 4096;

    /// <summary>Longer lines are not kept: so the table holds 8 MB of lines at most.</summary>
    private const int MaxLength = 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly RecentCookie?[] _slots = new RecentCookie?[Slots];
    private readonly ITimer _forget;

    public RecentCookies(TimeProvider time) => _forget = time.CreateTimer(_ => Array.Clear(_slots), null, Lifetime, Lifetime);

    /// <summary>What is known of exactly this line, or null.</summary>
    public RecentCookie? Find(string line)
    {
        if (line.Length > MaxLength) return null;
        var hash = Hash(line);
        return Volatile.Read(ref Slot(hash)) is { } found && found.Hash == hash && found.Line == line ? found : null;
    }

    public void Remember(string line, in CredentialKey key, string? others)
    {
        if (line.Length > MaxLength) return;
        var hash = Hash(line);
        Volatile.Write(ref Slot(hash), new RecentCookie(line, hash, key, others));
    }

    public void Dispose() => _forget.Dispose();

    /// <summary>CRC-32C, which processors compute eight bytes at a time. What two lines of the same hash can do is take each other's place.</summary>
    internal static uint Hash(ReadOnlySpan<char> line)
    {
        var (hash, other) = (0u, 1u); // two at a time, as one waits for its own last result
        var eights = MemoryMarshal.Cast<char, ulong>(line);
        var i = 0;
        for (; i + 1 < eights.Length; i += 2) (hash, other) = (BitOperations.Crc32C(hash, eights[i]), BitOperations.Crc32C(other, eights[i + 1]));
        foreach (var rest in line[(i * 4)..]) hash = BitOperations.Crc32C(hash, rest);
        return BitOperations.Crc32C(hash, other);
    }

    private ref RecentCookie? Slot(uint hash) => ref _slots[hash & (Slots - 1)];
}
