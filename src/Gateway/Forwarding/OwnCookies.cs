using System.Text;
using Gateway.Sessions.Credentials;
using Microsoft.Extensions.Primitives;

namespace Gateway.Forwarding;

/// <summary>
/// The cookies that only the gateway sets, and how a client's of their names are removed, as services may read them.
/// </summary>
internal sealed class OwnCookies(IReadOnlyList<string> names)
{
    /// <summary>What separates cookies for some reader: besides <c>;</c>, the comma of RFC 2109 and blanks (Python).</summary>
    private static readonly char[] Separators = [' ', '\t', ',', '"'];

    /// <summary>The Cookie lines without them. A line that has none stays as it is.</summary>
    public StringValues RemovedFrom(StringValues lines)
    {
        if (!lines.Any(IsIn)) return lines;
        return new([.. lines.Select(Removed).Where(line => line.Length > 0)]);
    }

    private bool IsIn(string? line)
    {
        foreach (var range in new CookiePairs(line ?? ""))
            if (IsOwn(line![range])) return true;
        return false;
    }

    private string Removed(string? line)
    {
        var kept = new StringBuilder();
        foreach (var range in new CookiePairs(line ?? ""))
        {
            if (IsOwn(line![range])) continue;
            if (kept.Length > 0)
                kept.Append("; ");
            kept.Append(line.AsSpan(range));
        }
        return kept.ToString();
    }

    /// <summary>
    /// Whether somebody reads an own cookie in this pair: names are percent-decoded, any letter case and character between
    /// words is one (PHP reads <c>us.er</c> as <c>us_er</c>, and <c>user[x]</c> as <c>user</c>).
    /// </summary>
    private bool IsOwn(string pair)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) return IsOwnName(pair);
        for (; equals >= 0; equals = pair.IndexOf('=', equals + 1))
        {
            var before = pair[..equals].TrimEnd();
            if (IsOwnName(before[(before.LastIndexOfAny(Separators) + 1)..])) return true;
        }
        return false;
    }

    private bool IsOwnName(string name) =>
        names.Contains(Uri.UnescapeDataString(name).Split('[')[0].Trim(), HeaderAliases.Comparer);
}
