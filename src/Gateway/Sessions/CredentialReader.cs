using Microsoft.Extensions.Primitives;

namespace Gateway.Sessions;

/// <summary>Finds a request's credential in Kratos' own order: <c>X-Session-Token</c>, session cookie, <c>Authorization: Bearer ory_st_…</c>.</summary>
internal sealed class CredentialReader(string cookieName)
{
    public const string TokenHeader = "X-Session-Token";
    private const string BearerScheme = "Bearer ";
    private const string TokenPrefix = "ory_st_";

    public string CookieName { get; } = cookieName;

    public SessionCredential? Read(IHeaderDictionary headers)
    {
        // Kratos looks at the first line only, and an empty one counts as none.
        if (headers.TryGetValue(TokenHeader, out var tokens) && tokens.Count > 0 && tokens[0] is { Length: > 0 } token)
            return new(CredentialKind.SessionToken, token);
        if (FindCookie(headers.Cookie) is { } cookie)
            return new(CredentialKind.Cookie, cookie);
        return BearerToken(headers.Authorization) is { } bearer ? new(CredentialKind.SessionToken, bearer) : null;
    }

    /// <summary>The session token in an Authorization header. Other bearer tokens belong to the services.</summary>
    public static string? BearerToken(StringValues authorization) =>
        authorization.Count > 0 && authorization[0] is { } value
        && value.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
        && value.AsSpan(BearerScheme.Length).Trim() is var token && token.StartsWith(TokenPrefix, StringComparison.Ordinal)
            ? token.ToString()
            : null;

    /// <summary>The session cookie's pair (<c>name=value</c>), several joined by "; " as they came, or null.</summary>
    private string? FindCookie(StringValues lines)
    {
        string? found = null;
        foreach (var line in lines)
        {
            if (line is null) continue;
            foreach (var range in new CookiePairs(line))
            {
                var pair = line.AsSpan(range);
                if (!IsSessionPair(pair) || pair.IndexOf('=') == pair.Length - 1) continue;
                found = found is null ? pair.ToString() : string.Concat(found, "; ", pair);
            }
        }
        return found;
    }

    /// <summary>Whether <paramref name="pair"/> of a Cookie header is the session cookie. Like Kratos (Go), blanks before the equals sign do not count.</summary>
    public bool IsSessionPair(ReadOnlySpan<char> pair) =>
        pair.StartsWith(CookieName, StringComparison.Ordinal) && pair[CookieName.Length..].TrimStart(" \t") is ['=', ..];
}
