using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>
/// The headers of one connection, not of the message; they are not passed on (RFC 9110 section 7.6.1).
/// </summary>
internal static class HopByHopHeaders
{
    /// <summary>Those that are so by their name, and those HttpClient writes itself.</summary>
    public static readonly FrozenSet<string> Names = new[]
    {
        HeaderNames.Connection, HeaderNames.TransferEncoding, HeaderNames.KeepAlive, HeaderNames.Upgrade,
        HeaderNames.ProxyConnection, HeaderNames.ProxyAuthenticate, "Proxy-Authentication-Info", HeaderNames.ProxyAuthorization,
        "Proxy-Features", "Proxy-Instruction", "Security-Scheme", "ALPN", "Close", "HTTP2-Settings",
        HeaderNames.UpgradeInsecureRequests, HeaderNames.TE, HeaderNames.AltSvc,
        HeaderNames.Host, ":authority", ":method", ":path", ":scheme",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Ordinary =
        new[] { "keep-alive", "close", "upgrade" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The names that a client's Connection header declares besides the ordinary <c>keep-alive</c>, <c>close</c> and
    /// <c>upgrade</c>, or null when there are none.
    /// </summary>
    public static HashSet<string>? Of(StringValues connection)
    {
        HashSet<string>? names = null;
        foreach (var line in connection)
        {
            if (line is null or "keep-alive" or "Keep-Alive" or "close" or "Upgrade" or "upgrade") continue;
            foreach (var option in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!Ordinary.Contains(option))
                    (names ??= new(HeaderAliases.Comparer)).Add(option);
            }
        }
        return names;
    }
}
