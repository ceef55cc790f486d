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
    /// Fields for whoever reads the message, which are never of one connection (RFC 9110 section 7.6.1): whoever could tie them
    /// to one would decide what the service sees of what the gateway has judged.
    /// </summary>
    private static readonly FrozenSet<string> OfMessage = new[]
    {
        HeaderNames.Host, HeaderNames.Authorization, HeaderNames.Cookie, HeaderNames.SetCookie, HeaderNames.CacheControl,
        HeaderNames.Pragma, HeaderNames.Expires, HeaderNames.Vary, HeaderNames.Age, HeaderNames.Date, HeaderNames.ETag,
        HeaderNames.LastModified, HeaderNames.Location, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate, HeaderNames.Allow,
        HeaderNames.Origin, HeaderNames.Referer, HeaderNames.Range, HeaderNames.UserAgent, HeaderNames.From, HeaderNames.Expect,
        HeaderNames.StrictTransportSecurity, HeaderNames.XContentTypeOptions, HeaderNames.XFrameOptions,
        HeaderNames.XRequestedWith,
    }.ToFrozenSet(HeaderAliases.Comparer);

    private static readonly string[] PrefixesOfMessage = ["Content-", "If-", "Accept", "Access-Control-", "Sec-"];

    /// <summary>
    /// The names that a Connection header declares besides the ordinary <c>keep-alive</c>, <c>close</c> and <c>upgrade</c>, or
    /// null when there are none.
    /// </summary>
    /// <param name="matched">What the route asks of its requests' headers: what it was chosen by, the service sees.</param>
    public static HashSet<string>? Of(StringValues connection, FrozenSet<string>? matched = null)
    {
        HashSet<string>? names = null;
        foreach (var line in connection)
        {
            if (line is null or "keep-alive" or "Keep-Alive" or "close" or "Upgrade" or "upgrade") continue;
            foreach (var option in Options(line))
            {
                if (!Ordinary.Contains(option) && !IsOfMessage(option) && matched?.Contains(option) is not true)
                    (names ??= new(HeaderAliases.Comparer)).Add(option);
            }
        }
        return names;
    }

    /// <summary>Whether a line of a Connection header names nothing but the ordinary options.</summary>
    public static bool HasOnlyOrdinary(string line) => Array.TrueForAll(Options(line), Ordinary.Contains);

    private static string[] Options(string line) =>
        line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsOfMessage(string name) =>
        OfMessage.Contains(name) || Array.Exists(PrefixesOfMessage, prefix => HeaderAliases.StartsWith(name, prefix));
}
