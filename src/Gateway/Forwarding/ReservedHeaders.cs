using System.Collections.Frozen;

namespace Gateway.Forwarding;

/// <summary>
/// A set of header names in every spelling that a service may read alike: those that say where a request came from, which
/// no client may set, and what is given to it. Asked for every header of every request, so hardly a name passes the tests of
/// letters and length that come before the look-up.
/// </summary>
internal sealed class ReservedHeaders
{
    /// <summary>Of a name of which no spelling passes.</summary>
    private const string None = "";

    /// <summary>By name in any spelling, the one that passes all the same.</summary>
    private readonly FrozenDictionary<string, string> _names;

    private readonly string[] _prefixes;
    private readonly string[] _keptPrefixes;

    /// <summary>By first letter. Letters and lengths that share a bit only cost a look-up.</summary>
    private readonly Initial[] _initials = new Initial[64];

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
            _initials[HeaderAliases.Fold(name[0]) & 63].Lengths |= 1UL << name.Length;
        foreach (var prefix in _prefixes)
            _initials[HeaderAliases.Fold(prefix[0]) & 63].PrefixThirds |= prefix.Length < 3 ? ulong.MaxValue : Bit(Third(prefix));

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
        ref readonly var initial = ref _initials[HeaderAliases.Fold(name[0]) & 63];
        return ((initial.Lengths >> name.Length & 1) != 0 || initial.PrefixThirds != 0 && HasThird(initial.PrefixThirds, name))
            && IsReserved(name);
    }

    private static bool HasThird(ulong thirds, string name) => (thirds & Bit(Third(name))) != 0;

    private bool IsReserved(string name) => _names.TryGetValue(name, out var passing)
        ? !name.Equals(passing, StringComparison.OrdinalIgnoreCase)
        : HasPrefix(name);

    private bool HasPrefix(string name)
    {
        foreach (var prefix in _prefixes)
            if (HeaderAliases.StartsWith(name, prefix))
                return HeaderAliases.HasForwardingPrefix(name) || !IsKept(name);
        return false;
    }

    private bool IsKept(string name) =>
        Array.Exists(_keptPrefixes, kept => name.StartsWith(kept, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Names(IEnumerable<string> patterns) =>
        patterns.Where(pattern => pattern is not [.., BelievedHeaders.AnyRest]);

    private static IEnumerable<string> Prefixes(IEnumerable<string> patterns) =>
        patterns.Where(pattern => pattern is [.., BelievedHeaders.AnyRest]).Select(pattern => pattern[..^1]);

    /// <summary>Or the last.</summary>
    private static char Third(string name) => HeaderAliases.Fold(name[Math.Min(2, name.Length - 1)]);

    private static ulong Bit(char letter) => 1UL << (letter & 63);

    private struct Initial
    {
        /// <summary>The lengths of reserved names.</summary>
        public ulong Lengths;

        /// <summary>The third letters of reserved prefixes, of which almost all begin with <c>X-</c>.</summary>
        public ulong PrefixThirds;
    }
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
