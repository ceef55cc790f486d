using System.Buffers;

namespace Gateway.Forwarding;

/// <summary>
/// Header names as services may read them: CGI-style servers turn every character that is no letter and no digit into <c>_</c>,
/// so <c>X_User~Id</c> is <c>X-User-Id</c> (CVE-2025-64484 and its kin). Each character becomes one (RFC 3875 section 4.1.18),
/// so <c>X--User-Id</c> is another name.
/// </summary>
internal static class HeaderAliases
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("-_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>
    /// The identity token's header unless the configuration names another. No client's ever passes, whether there are tokens
    /// or not: a service may come to read it later.
    /// </summary>
    public const string TokenHeader = "X-Identity-Token";

    public static readonly IEqualityComparer<string> Comparer = new AliasComparer();

    /// <summary>
    /// Exact names, besides the prefixes of <see cref="IsForwardingName"/>, that say where a request came from or what it
    /// "really" asks for.
    /// </summary>
    public static readonly IReadOnlyList<string> ForwardingNames =
    [
        "Forwarded", "X-Forwarded", "X-Real-IP", "X-Client-IP", "Client-IP", "True-Client-IP", "CF-Connecting-IP",
        "CF-Connecting-IPv6", "Fastly-Client-IP", "X-Cluster-Client-IP", "X-Azure-ClientIP", "X-Rewrite-URL",
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Content-Length", "X-Request-Id",
        "X-Envoy-External-Address", "X-Envoy-Original-Path", TokenHeader,
    ];

    /// <summary>Whatever a name goes on with behind one of these, it is of the same kind. Each starts with X.</summary>
    public static readonly IReadOnlyList<string> ForwardingPrefixes = ["X-Forwarded-", "X-Original-"];

    public static bool IsHeaderName(string name) =>
        name.Length is > 0 and <= 100 && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>
    /// Whether a client's header of this name is never passed on: the gateway alone says where a request came from.
    /// </summary>
    public static bool IsForwardingName(string name) =>
        HasForwardingPrefix(name) || ForwardingNames.Contains(name, Comparer);

    public static bool HasForwardingPrefix(string name)
    {
        foreach (var prefix in ForwardingPrefixes)
            if (StartsWith(name, prefix)) return true;
        return false;
    }

    public static bool StartsWith(string name, string prefix)
    {
        if (name.Length < prefix.Length) return false;
        for (var i = 0; i < prefix.Length; i++)
            if (Fold(name[i]) != Fold(prefix[i])) return false;
        return true;
    }

    /// <summary>Letters in lower case, digits as they are, anything else <c>-</c>.</summary>
    public static char Fold(char c)
    {
        var lower = (char)(c | 0x20);
        if (char.IsAsciiLetterLower(lower)) return lower;
        return char.IsAsciiDigit(c) ? c : '-';
    }

    private sealed class AliasComparer : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) =>
            ReferenceEquals(x, y) || x is not null && y is not null && x.Length == y.Length && StartsWith(x, y);

        public int GetHashCode(string name)
        {
            var hash = 2166136261u;
            foreach (var c in name)
                hash = (hash ^ Fold(c)) * 16777619u;
            return (int)hash;
        }
    }
}
