using System.Collections.Frozen;

namespace Gateway.Forwarding;

/// <summary>
/// The names no client may set: identity headers and those that say where a request came from, in every spelling. Asked for
/// every header of every request, so a length and first-letter test comes before the look-up.
/// </summary>
internal sealed class ReservedHeaders
{
    private readonly FrozenSet<string> _names;
    private readonly ulong _lengths;
    private readonly ulong _firstLetters;

    public ReservedHeaders(IEnumerable<string> identityHeaders)
    {
        _names = HeaderAliases.ForwardingNames.Concat(identityHeaders).ToFrozenSet(HeaderAliases.Comparer);
        foreach (var name in _names)
        {
            _lengths |= Bit(name.Length);
            _firstLetters |= Bit(HeaderAliases.Fold(name[0]));
        }
    }

    public bool Contains(string name)
    {
        if (name.Length == 0) return false;
        var first = HeaderAliases.Fold(name[0]);
        if (first == 'x' && (HeaderAliases.StartsWith(name, "X-Forwarded-") || HeaderAliases.StartsWith(name, "X-Original-"))) return true;
        return (_firstLetters & Bit(first)) != 0 && (_lengths & Bit(name.Length)) != 0 && _names.Contains(name);
    }

    /// <summary>Letters and lengths beyond 63 share bits; that only costs a look-up.</summary>
    private static ulong Bit(int value) => 1UL << (value & 63);
}
