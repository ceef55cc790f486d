using System.Numerics;

namespace Gateway.Sessions;

/// <summary>
/// At most so many entries by key. Finding takes no lock and allocates nothing, while one writer at a time is at work: its callers see to that.
/// The chains run through the entries, and the table never grows, so no request pays for the others.
/// </summary>
internal sealed class EntryTable(int limit)
{
    /// <summary>How many entries eviction looks at.</summary>
    private const int Sample = 16;

    private readonly SessionEntry?[] _chains = new SessionEntry?[BitOperations.RoundUpToPowerOf2((uint)limit)];
    private int _hand;

    public int Count { get; private set; }

    public SessionEntry? Find(in CredentialKey key)
    {
        var entry = Volatile.Read(ref Chain(key));
        while (entry is not null && entry.Key != key) entry = Volatile.Read(ref entry.Next);
        return entry;
    }

    /// <summary>Adds the entry; returns the one that goes for it: its predecessor, or when the table is full another that is missed least.</summary>
    public SessionEntry? Put(SessionEntry entry, long now)
    {
        var gone = Count == limit && Find(entry.Key) is null ? Remove(Victim(now).Key) : null;
        ref var place = ref Place(entry.Key);
        if (place is null) Count++;
        else gone = place;
        entry.Next = place?.Next;
        Volatile.Write(ref place, entry);
        return gone;
    }

    /// <summary>Whoever is reading the removed entry finds the rest of the chain through it as before.</summary>
    public SessionEntry? Remove(in CredentialKey key)
    {
        ref var place = ref Place(key);
        var gone = place;
        if (gone is null) return null;
        Volatile.Write(ref place, gone.Next);
        Count--;
        return gone;
    }

    /// <summary>The entries that have ended; the table may be written to meanwhile.</summary>
    public IEnumerable<SessionEntry> Ended(long now)
    {
        for (var i = 0; i < _chains.Length; i++)
            for (var entry = Volatile.Read(ref _chains[i]); entry is not null; entry = Volatile.Read(ref entry.Next))
                if (entry.StaleUntil <= now) yield return entry;
    }

    /// <summary>
    /// Of the next few entries around the table the first that has ended, else of those not used since the last time round the one that
    /// ends first, else of all of them.
    /// </summary>
    private SessionEntry Victim(long now)
    {
        SessionEntry? best = null;
        var bestUsed = true;
        for (var seen = 0; seen < Sample; _hand = (_hand + 1) % _chains.Length)
        {
            for (var entry = _chains[_hand]; entry is not null; entry = entry.Next, seen++)
            {
                if (entry.StaleUntil <= now) return entry;
                var used = entry.TestAndClearUsed();
                if (best is not null && (used, entry.StaleUntil).CompareTo((bestUsed, best.StaleUntil)) >= 0) continue;
                (best, bestUsed) = (entry, used);
            }
        }
        return best!;
    }

    /// <summary>Where the key's entry hangs, or would.</summary>
    private ref SessionEntry? Place(in CredentialKey key)
    {
        ref var place = ref Chain(key);
        while (place is not null && place.Key != key) place = ref place.Next;
        return ref place;
    }

    /// <summary>By the top bits of the hash.</summary>
    private ref SessionEntry? Chain(in CredentialKey key) => ref _chains[(int)((ulong)(uint)key.GetHashCode() * (uint)_chains.Length >> 32)];
}
