using System.Runtime.InteropServices;

namespace Gateway.Sessions;

/// <summary>Entries by the id of their session or identity. Its callers take turns.</summary>
internal sealed class EntryIndex
{
    /// <summary>An id's one entry, or a set of several.</summary>
    private readonly Dictionary<string, object> _ids = new(StringComparer.Ordinal);

    public void Add(string id, SessionEntry entry)
    {
        ref var listed = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, id, out _);
        if (listed is HashSet<SessionEntry> several) several.Add(entry);
        else listed = listed is null ? entry : new HashSet<SessionEntry> { (SessionEntry)listed, entry };
    }

    public void Remove(string id, SessionEntry entry)
    {
        var listed = _ids.GetValueOrDefault(id);
        if (ReferenceEquals(listed, entry) || listed is HashSet<SessionEntry> several && several.Remove(entry) && several.Count == 0)
            _ids.Remove(id);
    }

    public SessionEntry[] Find(string id) => _ids.GetValueOrDefault(id) switch
    {
        SessionEntry only => [only],
        HashSet<SessionEntry> several => [.. several],
        _ => [],
    };
}
