using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Gateway.Sessions.Credentials;

/// <summary>
/// Finds a request's credential in Kratos' own order: <c>X-Session-Token</c>, session cookie,
/// <c>Authorization: Bearer ory_st_…</c>.
/// </summary>
internal sealed class CredentialReader(string cookieName)
{
    public const string TokenHeader = "X-Session-Token";
    private const string BearerScheme = "Bearer ";
    private const string TokenPrefix = "ory_st_";
    private const int MaxOnStack = 2048;

    /// <summary>
    /// Kratos' other cookies: <c>csrf_token_</c> and a hash of its address, and that of a settings change which waits for another
    /// sign-in.
    /// </summary>
    private const string CsrfPrefix = "csrf_token_";
    private const string ContinuityCookie = "ory_kratos_continuity";

    /// <summary>What Go's net/http takes in a cookie's value; a pair with anything else is none to Kratos.</summary>
    private static readonly SearchValues<char> CookieValue =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Except(['"', ';', '\\'])]);

    private readonly SearchValues<string> _kratosNames =
        SearchValues.Create([cookieName, CsrfPrefix, ContinuityCookie], StringComparison.Ordinal);

    public string CookieName { get; } = cookieName;

    public SessionCredential? Read(IHeaderDictionary headers) => TryRead(headers, out var view) ? view.ToCredential() : null;

    /// <summary>Finds the credential without copying it.</summary>
    public bool TryRead(IHeaderDictionary headers, out CredentialView credential)
    {
        // Kratos looks at the first line only, and an empty one counts as none.
        if (headers.TryGetValue(TokenHeader, out var tokens) && tokens.Count > 0 && tokens[0] is { Length: > 0 } token)
            credential = new(CredentialKind.SessionToken, token);
        else if (FindCookie(headers.Cookie) is { IsEmpty: false } cookie)
            credential = new(CredentialKind.Cookie, cookie);
        else if (BearerToken(headers.Authorization) is { IsEmpty: false } bearer)
            credential = new(CredentialKind.SessionToken, bearer);
        else
        {
            credential = default;
            return false;
        }
        return true;
    }

    /// <summary>
    /// The Cookie line of a request whose credential, if it has one in a cookie, can only stand there; null when there are
    /// several or a token comes first.
    /// </summary>
    public static string? OnlyCookieLine(IHeaderDictionary headers) =>
        headers.Cookie is { Count: 1 } cookie && !headers.ContainsKey(TokenHeader) ? cookie[0] : null;

    /// <summary>
    /// Whether an Authorization header holds a session token, also where more blanks than Kratos takes stand before it: no
    /// service gets one. Other bearer tokens belong to the services.
    /// </summary>
    public static bool IsSessionToken(StringValues authorization) =>
        authorization is [{ } value, ..]
        && value.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)
        && value.AsSpan(BearerScheme.Length).TrimStart(" \t").StartsWith(TokenPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether <paramref name="pair"/> of a Cookie header is the session cookie. Like Kratos (Go), blanks before the equals sign
    /// do not count.
    /// </summary>
    public bool IsSessionPair(ReadOnlySpan<char> pair) => IsPairOf(pair, CookieName);

    /// <summary>
    /// Whether a Set-Cookie header sets the session cookie or another of Kratos'. A browser keeps what has no name, and sends
    /// <c>=name=value</c> as <c>name=value</c>.
    /// </summary>
    public bool SetsKratosCookie(ReadOnlySpan<char> header)
    {
        var end = header.IndexOf(';');
        var pair = (end < 0 ? header : header[..end]).Trim(" \t").TrimStart("= \t");
        return IsKratosPair(pair) || pair.Equals(CookieName, StringComparison.Ordinal);
    }

    /// <summary>A Cookie line without the session cookie and Kratos' others; null when nothing else is in it.</summary>
    public string? WithoutKratosCookies(string line)
    {
        if (!line.AsSpan().ContainsAny(_kratosNames)) return line;
        // "a=b;c=d" comes out longer
        var kept = line.Length <= MaxOnStack / 2 ? stackalloc char[MaxOnStack] : new char[line.Length * 2];
        var length = 0;
        foreach (var range in new CookiePairs(line))
        {
            var pair = line.AsSpan(range);
            if (IsKratosPair(pair)) continue;
            if (length > 0)
            {
                "; ".CopyTo(kept[length..]);
                length += 2;
            }
            pair.CopyTo(kept[length..]);
            length += pair.Length;
        }
        return length > 0 ? new string(kept[..length]) : null;
    }

    /// <summary>Like Kratos, the first line only, which is two words with one blank between them.</summary>
    private static ReadOnlySpan<char> BearerToken(StringValues authorization)
    {
        if (authorization.Count == 0 || authorization[0] is not { } value) return default;
        if (!value.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase)) return default;
        var token = value.AsSpan(BearerScheme.Length);
        return token.StartsWith(TokenPrefix, StringComparison.Ordinal) && !token.Contains(' ') ? token : default;
    }

    private bool IsKratosPair(ReadOnlySpan<char> pair) =>
        IsSessionPair(pair)
        || pair.StartsWith(CsrfPrefix, StringComparison.Ordinal) && pair.Contains('=')
        || IsPairOf(pair, ContinuityCookie);

    private static bool IsPairOf(ReadOnlySpan<char> pair, string name) =>
        pair.StartsWith(name, StringComparison.Ordinal) && pair[name.Length..].TrimStart(" \t") is ['=', ..];

    /// <summary>Whether Kratos reads the session cookie's pair: Go drops one whose value holds what no cookie can.</summary>
    private static bool IsReadable(ReadOnlySpan<char> pair)
    {
        var value = pair[(pair.IndexOf('=') + 1)..].TrimStart(" \t");
        if (value is ['"', .., '"'])
            value = value[1..^1];
        return !value.IsEmpty && !value.ContainsAnyExcept(CookieValue);
    }

    /// <summary>
    /// The session cookie's pair (<c>name=value</c>); several in the order they came, each value once, joined by "; "; or
    /// nothing. This is what Kratos is asked about, and by what the answer is cached: Kratos takes the first that it can read.
    /// </summary>
    private ReadOnlySpan<char> FindCookie(StringValues lines)
    {
        ReadOnlySpan<char> found = default;
        List<string>? several = null;
        foreach (var line in lines)
        {
            if (line is null) continue;
            foreach (var range in new CookiePairs(line))
            {
                var pair = line.AsSpan(range);
                if (!IsSessionPair(pair) || !IsReadable(pair)) continue;
                pair = WithoutBlanks(pair);
                if (found.IsEmpty)
                    found = pair;
                else if (several is not null)
                    Add(several, pair);
                else if (!pair.SequenceEqual(found))
                    several = [found.ToString(), pair.ToString()];
            }
        }
        return several is null ? found : string.Join("; ", several);
    }

    private static void Add(List<string> several, ReadOnlySpan<char> pair)
    {
        foreach (var known in several)
        {
            if (pair.SequenceEqual(known)) return;
        }
        several.Add(pair.ToString());
    }

    /// <summary>The pair without the blanks before its equals sign.</summary>
    private ReadOnlySpan<char> WithoutBlanks(ReadOnlySpan<char> pair) =>
        pair[CookieName.Length] is '=' ? pair : $"{CookieName}{pair[pair.IndexOf('=')..]}";
}
