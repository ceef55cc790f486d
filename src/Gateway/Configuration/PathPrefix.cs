using System.Buffers;

namespace Gateway.Configuration;

/// <summary>Path prefixes of the configuration: plain characters only, so that the raw target and its decoded form agree.</summary>
internal static class PathPrefix
{
    public static readonly SearchValues<char> Allowed =
        SearchValues.Create("/-_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>Whether <paramref name="target"/> lies under <paramref name="prefix"/> on a segment border, ignoring case as routing does.</summary>
    public static bool Covers(ReadOnlySpan<char> prefix, ReadOnlySpan<char> target) =>
        target.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && (target.Length == prefix.Length || target[prefix.Length] is '/' or '?');
}
