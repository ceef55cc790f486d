using System.Runtime.InteropServices;

namespace Gateway.Sessions.Cache;

/// <summary>An entry's neighbours among those of the same id.</summary>
internal struct EntryLinks
{
    public SessionEntry? Previous;
    public SessionEntry? Next;
}

/// <summary>
/// Entries by the id of their session or identity. Those of one id hang together, so that adding and removing one costs the same
/// however many there are. Its callers take turns.
/// </summary>
/// <param name="idOf">The id that this index is by.</param>
/// <param name="links">Where an entry keeps its neighbours in this index.</param>
internal sealed class IdIndex(Func<SessionEntry, string> idOf, IdIndex.LinksOf links)
{
    private readonly Dictionary<string, SessionEntry> _newest = new(StringComparer.Ordinal);

    public delegate ref EntryLinks LinksOf(SessionEntry entry);

    /// <summary>How many ids there are.</summary>
    public int Count => _newest.Count;

    /// <summary>The entry that was added last of those with this id, or null.</summary>
    public SessionEntry? Newest(string id) => _newest.GetValueOrDefault(id);

    /// <summary>The entry behind so many newer ones of this id, or null.</summary>
    public SessionEntry? Behind(string id, int newer)
    {
        var entry = Newest(id);
        for (; entry is not null && newer > 0; newer--)
        {
            entry = links(entry).Next;
        }
        return entry;
    }

    public void Add(SessionEntry entry)
    {
        ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, idOf(entry), out _);
        links(entry).Next = newest;
        if (newest is not null)
        {
            links(newest).Previous = entry;
        }
        newest = entry;
    }

    /// <summary>The entry must be in the index.</summary>
    public void Remove(SessionEntry entry)
    {
        ref var mine = ref links(entry);
        if (mine.Next is { } next)
        {
            links(next).Previous = mine.Previous;
        }
        if (mine.Previous is { } previous)
        {
            links(previous).Next = mine.Next;
        }
        else if (mine.Next is { } heir)
        {
            _newest[idOf(entry)] = heir;
        }
        else
        {
            _newest.Remove(idOf(entry));
        }
        mine = default;
    }
}
