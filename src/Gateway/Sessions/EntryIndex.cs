using System.Numerics;

namespace Gateway.Sessions;

/// <summary>An entry's neighbours in one index.</summary>
internal struct EntryLinks
{
    public SessionEntry? Previous;
    public SessionEntry? Next;
}

/// <summary>Entries by the id of their session or identity. Its callers take turns. The chains run through the entries, and the index never grows.</summary>
/// <param name="limit">How many entries there can be.</param>
/// <param name="idOf">The id that this index is by.</param>
/// <param name="links">Where an entry keeps its neighbours in this index.</param>
internal sealed class EntryIndex(int limit, Func<SessionEntry, string> idOf, EntryIndex.LinksOf links)
{
    private readonly SessionEntry?[] _chains = new SessionEntry?[BitOperations.RoundUpToPowerOf2((uint)limit)];

    public delegate ref EntryLinks LinksOf(SessionEntry entry);

    public void Add(SessionEntry entry)
    {
        ref var first = ref Chain(idOf(entry));
        links(entry).Next = first;
        if (first is not null) links(first).Previous = entry;
        first = entry;
    }

    /// <summary>The entry must be in the index.</summary>
    public void Remove(SessionEntry entry)
    {
        ref var mine = ref links(entry);
        if (mine.Previous is { } previous) links(previous).Next = mine.Next;
        else Chain(idOf(entry)) = mine.Next;
        if (mine.Next is { } next) links(next).Previous = mine.Previous;
        mine = default;
    }

    public List<SessionEntry> Find(string id)
    {
        var found = new List<SessionEntry>();
        for (var entry = Chain(id); entry is not null; entry = links(entry).Next)
            if (idOf(entry) == id) found.Add(entry);
        return found;
    }

    /// <summary>By .NET's own hash, keyed anew in every process.</summary>
    private ref SessionEntry? Chain(string id) => ref _chains[id.GetHashCode(StringComparison.Ordinal) & (_chains.Length - 1)];
}
