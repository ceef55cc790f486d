using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Gateway.Forwarding;

/// <summary>The headers that a client's Connection header declares to be of this connection only; they are not passed on (RFC 9110 section 7.6.1).</summary>
internal static class HopByHopHeaders
{
    private static readonly FrozenSet<string> Ordinary =
        new[] { "keep-alive", "close", "upgrade" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names besides the ordinary <c>keep-alive</c>, <c>close</c> and <c>upgrade</c>, or null when there are none.</summary>
    public static HashSet<string>? Of(StringValues connection)
    {
        HashSet<string>? names = null;
        foreach (var line in connection)
        {
            if (line is null or "keep-alive" or "Keep-Alive" or "close" or "Upgrade" or "upgrade") continue;
            foreach (var option in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!Ordinary.Contains(option)) (names ??= new(HeaderAliases.Comparer)).Add(option);
            }
        }
        return names;
    }
}
