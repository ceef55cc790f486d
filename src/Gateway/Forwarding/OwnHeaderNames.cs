using System.Collections.Frozen;

namespace Gateway.Forwarding;

/// <summary>Which names a header of the gateway's own can have.</summary>
internal static class OwnHeaderNames
{
    /// <summary>
    /// Names that carry the message itself or belong to the gateway; what is told of a caller cannot take their place.
    /// </summary>
    private static readonly FrozenSet<string> Taken = new[]
    {
        "Host", "Connection", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Cookie",
        "Authorization", "Upgrade", "TE", "Trailer", "Keep-Alive", "Expect", "X-Request-Id", "X-Session-Token", "Set-Cookie",
        "Accept", "Origin", "Allow", "Content-Disposition", "Content-Language", "Content-Location", "Content-MD5",
        "Content-Range", "Expires", "Last-Modified", "Proxy",
    }.Concat(HopByHopHeaders.Names).ToFrozenSet(HeaderAliases.Comparer);

    /// <summary>What is wrong with the name, or null.</summary>
    public static string? Problem(string name)
    {
        if (!HeaderAliases.IsHeaderName(name)) return "is not a header name: use letters, digits and -";
        return Taken.Contains(name) || HeaderAliases.IsForwardingName(name)
            ? "is a header that the gateway or HTTP itself sets; choose a name of your own"
            : null;
    }
}
