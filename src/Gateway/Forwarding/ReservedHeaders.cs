using System.Collections.Frozen;

namespace Gateway.Forwarding;

/// <summary>
/// A set of header names in every spelling that a service may read alike: those that say where a request came from, which
/// no client may set, and what is given to it. Asked for every header of every request, so hardly a name passes the test of
/// first letter and length that comes before the look-up.
/// </summary>
internal sealed class ReservedHeaders
{
    private readonly FrozenSet<string> _names;

    /// <summary>
    /// By length, the first letters that a reserved name of that length has. Letters and lengths beyond 63 share a bit;
    /// that only costs a look-up.
    /// </summary>
    private readonly ulong[] _firstLetters = new ulong[64];

    /// <param name="others">Identity headers; for what is not copied, also the headers of the connection.</param>
    public ReservedHeaders(IEnumerable<string> others)
    {
        _names = HeaderAliases.ForwardingNames.Concat(others).ToFrozenSet(HeaderAliases.Comparer);
        foreach (var name in _names)
            _firstLetters[name.Length & 63] |= Bit(HeaderAliases.Fold(name[0]));
    }

    public bool Contains(string name)
    {
        if (name.Length == 0) return false;
        var first = HeaderAliases.Fold(name[0]);
        if (first == 'x' && HeaderAliases.HasForwardingPrefix(name)) return true;
        return (_firstLetters[name.Length & 63] & Bit(first)) != 0 && _names.Contains(name);
    }

    private static ulong Bit(char letter) => 1UL << (letter & 63);
}
