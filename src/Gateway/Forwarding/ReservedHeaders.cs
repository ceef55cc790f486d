using System.Collections.Frozen;

namespace Gateway.Forwarding;

/// <summary>
/// A set of header names in every spelling that a service may read alike: those that say where a request came from, which
/// no client may set, and what is given to it. Asked for every header of every request, so hardly a name passes the tests of
/// length, first and third letter that come before the look-up.
/// </summary>
internal sealed class ReservedHeaders
{
    /// <summary>Lengths from here on are one.</summary>
    private const int Longest = 63;

    /// <summary>Of a name of which no spelling passes.</summary>
    private const string None = "";

    /// <summary>By name in any spelling, the one that passes all the same.</summary>
    private readonly FrozenDictionary<string, string> _names;

    private readonly string[] _prefixes;
    private readonly string[] _keptPrefixes;

    /// <summary>By length, the first letters that a reserved name of that length has. Letters that share a bit only cost a
    /// look-up.</summary>
    private readonly ulong[] _firstLetters = new ulong[Longest + 1];

    /// <summary>By first letter, the third ones.</summary>
    private readonly ulong[] _thirdLetters = new ulong[64];

    /// <param name="own">Identity headers; for what is not copied, also the headers of the connection. None passes.</param>
    /// <param name="removal">What else does not pass; null: nothing.</param>
    public ReservedHeaders(IEnumerable<string> own, HeaderRemoval? removal = null)
    {
        removal ??= HeaderRemoval.Nothing;
        var names = new Dictionary<string, string>(HeaderAliases.Comparer);
        Add(removal.Matched.Where(name => !IsRemoved(name)), name => name);
        Add(Names(removal.Removed), _ => None);
        Add(Names(removal.Kept), name => name);
        Add(HeaderAliases.ForwardingNames.Concat(own), _ => None);
        _names = names.ToFrozenDictionary(HeaderAliases.Comparer);
        _prefixes = [.. HeaderAliases.ForwardingPrefixes, .. Prefixes(removal.Removed)];
        _keptPrefixes = [.. Prefixes(removal.Kept)];
        foreach (var name in _names.Keys)
            Announce(name, name.Length);
        foreach (var prefix in _prefixes)
            for (var length = Math.Min(prefix.Length, Longest); length <= Longest; length++)
                Announce(prefix, length);

        bool IsRemoved(string name) =>
            HeaderAliases.IsForwardingName(name) || removal.Removed.Any(pattern => BelievedHeaders.Covers(pattern, name));

        void Add(IEnumerable<string> added, Func<string, string> passing)
        {
            foreach (var name in added)
                names[name] = passing(name);
        }
    }

    public bool Contains(string name)
    {
        if (name.Length == 0) return false;
        var first = HeaderAliases.Fold(name[0]);
        return (_firstLetters[Math.Min(name.Length, Longest)] & Bit(first)) != 0 && Contains(name, first);
    }

    private bool Contains(string name, char first)
    {
        if ((_thirdLetters[first & 63] & Bit(Third(name))) == 0) return false;
        return _names.TryGetValue(name, out var passing)
            ? !name.Equals(passing, StringComparison.OrdinalIgnoreCase)
            : HasPrefix(name);
    }

    private bool HasPrefix(string name)
    {
        foreach (var prefix in _prefixes)
            if (HeaderAliases.StartsWith(name, prefix))
                return HeaderAliases.HasForwardingPrefix(name) || !IsKept(name);
        return false;
    }

    private bool IsKept(string name) =>
        Array.Exists(_keptPrefixes, kept => name.StartsWith(kept, StringComparison.OrdinalIgnoreCase));

    private void Announce(string start, int length)
    {
        var first = HeaderAliases.Fold(start[0]);
        _firstLetters[Math.Min(length, Longest)] |= Bit(first);
        _thirdLetters[first & 63] |= start.Length < 3 ? ulong.MaxValue : Bit(Third(start));
    }

    private static IEnumerable<string> Names(IEnumerable<string> patterns) =>
        patterns.Where(pattern => pattern is not [.., BelievedHeaders.AnyRest]);

    private static IEnumerable<string> Prefixes(IEnumerable<string> patterns) =>
        patterns.Where(pattern => pattern is [.., BelievedHeaders.AnyRest]).Select(pattern => pattern[..^1]);

    /// <summary>Or the last.</summary>
    private static char Third(string name) => HeaderAliases.Fold(name[Math.Min(2, name.Length - 1)]);

    private static ulong Bit(char letter) => 1UL << (letter & 63);
}

/// <summary>Which of a client's headers are removed, besides what the gateway says itself.</summary>
/// <param name="Removed">Names, and patterns such as <c>X-Consumer-*</c>, in every spelling.</param>
/// <param name="Kept">Of those, names and patterns that pass, spelled so.</param>
/// <param name="Matched">Names that a route matches on: they pass spelled so, and in no other way.</param>
internal sealed record HeaderRemoval(
    IReadOnlyList<string> Removed, IReadOnlyList<string> Kept, IReadOnlyList<string> Matched)
{
    public static readonly HeaderRemoval Nothing = new([], [], []);
}
