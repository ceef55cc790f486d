namespace Gateway.Traffic.Cors;

/// <summary>
/// An origin, such as <c>https://app.example.org</c>, or all those below a name: <c>https://*.example.org</c>. Kept in the
/// spelling of browsers (RFC 6454 section 6.1: lower case, punycode, no default port), so a request's origin is compared byte
/// for byte.
/// </summary>
/// <param name="Start">The scheme; all of it where there is no wildcard.</param>
/// <param name="End">What follows the wildcard, from its dot on; null: no wildcard.</param>
internal sealed record OriginPattern(string Start, string? End)
{
    /// <summary>What browsers send for a page without an origin, such as a file or a sandboxed frame.</summary>
    public const string Null = "null";

    private const string Example = "write scheme://host or scheme://host:port, such as https://app.example.org";

    public bool Allows(string origin)
    {
        if (End is null) return origin == Start;
        if (origin.Length <= Start.Length + End.Length) return false;
        if (!origin.StartsWith(Start, StringComparison.Ordinal)) return false;
        if (!origin.EndsWith(End, StringComparison.Ordinal)) return false;
        return AreLabels(origin.AsSpan()[Start.Length..^End.Length]);
    }

    /// <summary>Null, with what is wrong and its cure, where the text is no origin.</summary>
    public static OriginPattern? Parse(string text, out string problem)
    {
        problem = "";
        if (text == Null) return new(Null, null);

        var border = text.IndexOf("://", StringComparison.Ordinal);
        if (border <= 0)
        {
            problem = $"has no scheme: {Example}";
            return null;
        }
        var (scheme, authority) = (text[..border].ToLowerInvariant(), text[(border + 3)..]);
        var path = authority.AsSpan().IndexOfAny('/', '?', '#');
        if (path >= 0)
        {
            problem = $"has more than an origin: write {text[..(border + 3 + path)]}";
            return null;
        }
        var isWildcard = authority.StartsWith("*.", StringComparison.Ordinal);
        var host = isWildcard ? authority[2..] : authority;
        if (host.Contains('*', StringComparison.Ordinal))
        {
            problem = "has a * that is not the first label: write scheme://*.example.org, name each port, or write * alone";
            return null;
        }
        if (Normal(scheme, host, isWildcard) is { } normal)
            return isWildcard ? new($"{scheme}://", $".{normal}") : new($"{scheme}://{normal}", null);
        problem = $"is no origin: {Example}";
        return null;
    }

    private static string? Normal(string scheme, string authority, bool isWildcard)
    {
        if (authority.Contains('@', StringComparison.Ordinal)) return null;
        if (!Uri.TryCreate($"{scheme}://{authority}", UriKind.Absolute, out var uri) || uri.Host.Length == 0) return null;
        var isName = uri.HostNameType is UriHostNameType.Dns or UriHostNameType.Basic;
        if (isWildcard && !isName) return null;
        var host = uri.HostNameType is UriHostNameType.Dns ? uri.IdnHost : uri.Host;
        return uri.IsDefaultPort ? host.ToLowerInvariant() : $"{host.ToLowerInvariant()}:{uri.Port}";
    }

    /// <summary>One or more labels of a host, so that nothing but a subdomain stands where the wildcard does.</summary>
    private static bool AreLabels(ReadOnlySpan<char> text)
    {
        var isBorder = true;
        foreach (var c in text)
        {
            if (c == '.' && isBorder) return false;
            if (c != '.' && c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_')) return false;
            isBorder = c == '.';
        }
        return !isBorder;
    }
}
