using System.Buffers.Text;
using System.Globalization;
using DevKratos.Core;
using DevKratos.State;

namespace DevKratos.PublicApi;

internal enum CredentialKind
{
    None,
    Token,
    Cookie,
    Bearer,
}

/// <summary>Who sent a request: at most one credential counts, and <see cref="Session"/> is set only when it is active.</summary>
internal sealed record Caller(CredentialKind Kind, Session? Session, Identity? Identity)
{
    /// <summary>The session was extended after this cookie value was issued: the answer renews the cookie.</summary>
    public bool CookieIsStale { get; init; }

    public static readonly Caller Nobody = new(CredentialKind.None, null, null);

    public bool CouldStepUp => Session is { Aal: "aal1" } && Identity is { Totp: not null };
}

/// <summary>
/// Finds the session of a request in Kratos' order: <c>X-Session-Token</c>, then the cookie, then <c>Authorization: Bearer</c>.
/// </summary>
internal sealed class Callers(KratosCore core)
{
    public Caller Find(HttpRequest request)
    {
        if (core.Faults.NoQueries) return Caller.Nobody;

        if (request.Headers["X-Session-Token"].FirstOrDefault() is { Length: > 0 } token)
            return Of(CredentialKind.Token, core.Store.FindSessionByToken(token));

        var nobody = Caller.Nobody;
        foreach (var value in CookieHeader.Values(request, KratosCore.SessionCookie))
        {
            nobody = Caller.Nobody with { Kind = CredentialKind.Cookie };
            if (core.Store.FindCookie(value) is not { } issued || core.Store.FindSession(issued.SessionId) is not { } session)
                continue;
            var caller = Of(CredentialKind.Cookie, session);
            if (caller.Session is not null) return caller with { CookieIsStale = issued.ExpiresAt != session.ExpiresAt };
        }

        // A cookie that cannot be read leaves the word to the bearer, and one that can does not.
        if (nobody.Kind == CredentialKind.Cookie && UnreadableCookie(request) is null) return nobody;
        var words = request.Headers.Authorization.FirstOrDefault()?.Split(' ') ?? [];
        return words.Length == 2 && words[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            ? Of(CredentialKind.Bearer, core.Store.FindSessionByToken(words[1]))
            : nobody;
    }

    /// <summary>
    /// Kratos decodes the cookie even when a token decided, and fails over one that it cannot read. Null when it can, or there is
    /// none.
    /// </summary>
    public string? UnreadableCookie(HttpRequest request)
    {
        var value = CookieHeader.Values(request, KratosCore.SessionCookie).FirstOrDefault();
        if (value is null || core.Store.FindCookie(value) is not null) return null;
        return value.Length % 4 == 0 && Base64Url.IsValid(value)
            ? "securecookie: the value is not valid"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"securecookie: base64 decode failed - caused by: illegal base64 data at input byte {value.Length / 4 * 4}");
    }

    private Caller Of(CredentialKind kind, Session? session) =>
        session is not null && core.Store.IsActive(session, out var identity)
            ? new Caller(kind, session, identity)
            : Caller.Nobody with { Kind = kind };
}
