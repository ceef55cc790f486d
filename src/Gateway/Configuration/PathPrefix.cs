using System.Buffers;

namespace Gateway.Configuration;

/// <summary>
/// Path prefixes of the configuration: plain characters only, so that the raw target and its decoded form agree.
/// </summary>
internal static class PathPrefix
{
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("/-_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>Whether it is written as <c>/name</c> or <c>/name/name</c>, without a slash at the end.</summary>
    public static bool IsWellFormed(string path) =>
        path.Length >= 2
        && path[0] == '/'
        && path[^1] != '/'
        && !path.AsSpan().ContainsAnyExcept(Allowed)
        && !path.Contains("//", StringComparison.Ordinal);

    /// <summary>
    /// Whether <paramref name="target"/> lies under <paramref name="prefix"/> on a segment border, ignoring case as routing
    /// does.
    /// </summary>
    public static bool Covers(ReadOnlySpan<char> prefix, ReadOnlySpan<char> target) =>
        target.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && (target.Length == prefix.Length || target[prefix.Length] is '/' or '?');
}
