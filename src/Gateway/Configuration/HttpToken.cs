namespace Gateway.Configuration;

/// <summary>What methods and header names are made of (RFC 9110 section 5.6.2).</summary>
internal static class HttpToken
{
    public static bool Is(string? text) =>
        text is { Length: > 0 } && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));
}
