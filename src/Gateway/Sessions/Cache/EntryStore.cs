using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Sessions.Cache;

/// <summary>
/// At most so many entries in a <see cref="MemoryCache"/>, and the indexes beside it. Finding takes no lock and allocates
/// nothing; whoever writes takes turns with the others. Nothing leaves the cache but in a call of this class, so the indexes
/// always agree with it: it knows no expiration (its clock is no <see cref="TimeProvider"/>; an entry's own times say when it has
/// ended), and it never meets its limit, where it would refuse newcomers.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It holds memory only, and who looks up after the end must not fail.")]
internal sealed class EntryStore(int limit, params IdIndex[] indexes)
{
    /// <summary>
    /// How much is freed at a time when the store is full: 5 %, as going through all of it should happen rarely.
    /// </summary>
    private readonly int _room = Math.Max(1, limit / 20);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions
    {
        SizeLimit = limit,
        ExpirationScanFrequency = TimeSpan.MaxValue,
        TrackStatistics = false,
    });

    private readonly HashSet<SessionEntry> _entries = [];

    public int Count => _entries.Count;

    public SessionEntry? Find(CacheKey key) => _cache.TryGetValue(key, out var found) ? (SessionEntry?)found : null;

    /// <summary>Adds the entry or replaces its predecessor; readers find one of the two at any time.</summary>
    public void Set(SessionEntry entry, long now)
    {
        if (Find(entry.Key) is { } predecessor)
        {
            entry.ShareKey(predecessor);
            Unlist(predecessor);
        }
        else if (_entries.Count >= limit)
        {
            MakeRoom(now);
        }
        using (var item = _cache.CreateEntry(entry.Key))
        {
            item.Size = 1;
            item.Value = entry;
        }
        _entries.Add(entry);
        foreach (var index in indexes)
        {
            index.Add(entry);
        }
    }

    public void Remove(CacheKey key)
    {
        if (Find(key) is { } entry)
        {
            Remove(entry);
        }
    }

    /// <summary>The entry, whoever holds its key by now.</summary>
    public void Remove(SessionEntry entry)
    {
        if (ReferenceEquals(Find(entry.Key), entry))
        {
            _cache.Remove(entry.Key);
        }
        Unlist(entry);
    }

    public void RemoveEnded(long now)
    {
        foreach (var entry in _entries)
        {
            if (!entry.CountsAt(now))
            {
                Remove(entry);
            }
        }
    }

    /// <summary>What has ended goes first, then those that nobody asked for the longest.</summary>
    private void MakeRoom(long now)
    {
        RemoveEnded(now);
        var tooMany = _entries.Count - (limit - _room);
        if (tooMany <= 0)
        {
            return;
        }
        _cache.Compact((tooMany + 0.5) / _entries.Count); // it rounds down
        var kept = _cache.Keys.ToHashSet();
        foreach (var entry in _entries)
        {
            if (!kept.Contains(entry.Key))
            {
                Unlist(entry);
            }
        }
    }

    private void Unlist(SessionEntry entry)
    {
        _entries.Remove(entry);
        foreach (var index in indexes)
        {
            index.Remove(entry);
        }
    }
}
