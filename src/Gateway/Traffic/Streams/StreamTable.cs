using System.Runtime.InteropServices;
using Gateway.Sessions.Revocations;

namespace Gateway.Traffic.Streams;

/// <summary>
/// All open streams, and by what revokes them. Adding, removing and finding take no longer when there are many.
/// </summary>
internal sealed class StreamTable
{
    private readonly Lock _gate = new();
    private readonly HashSet<OpenStream> _all = [];

    /// <summary>By a revocation: the one stream, or a set of them.</summary>
    private readonly Dictionary<Revocation, object> _byRevocation = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _all.Count;
        }
    }

    /// <summary>Returns whether it is the only one.</summary>
    public bool Add(OpenStream stream)
    {
        lock (_gate)
        {
            _all.Add(stream);
            foreach (var revocation in stream.RevokedBy)
                Add(revocation, stream);
            return _all.Count == 1;
        }
    }

    public bool Remove(OpenStream stream)
    {
        lock (_gate)
        {
            if (!_all.Remove(stream)) return false;
            foreach (var revocation in stream.RevokedBy)
                Remove(revocation, stream);
            return true;
        }
    }

    public OpenStream[] All()
    {
        lock (_gate)
            return [.. _all];
    }

    /// <summary>Those of which it is true, without copying the others.</summary>
    public List<OpenStream> Where(Func<OpenStream, bool> isWanted)
    {
        List<OpenStream> found = [];
        lock (_gate)
        {
            foreach (var stream in _all)
            {
                if (isWanted(stream))
                    found.Add(stream);
            }
        }
        return found;
    }

    public OpenStream[] Of(Revocation revocation)
    {
        lock (_gate)
        {
            return _byRevocation.GetValueOrDefault(revocation) switch
            {
                OpenStream only => [only],
                HashSet<OpenStream> several => [.. several],
                _ => [],
            };
        }
    }

    private void Add(Revocation revocation, OpenStream stream)
    {
        ref var streams = ref CollectionsMarshal.GetValueRefOrAddDefault(_byRevocation, revocation, out _);
        if (streams is HashSet<OpenStream> several)
            several.Add(stream);
        else
            streams = streams is OpenStream first ? new HashSet<OpenStream> { first, stream } : stream;
    }

    private void Remove(Revocation revocation, OpenStream stream)
    {
        if (_byRevocation.GetValueOrDefault(revocation) is HashSet<OpenStream> { Count: > 1 } several)
            several.Remove(stream);
        else
            _byRevocation.Remove(revocation);
    }
}
