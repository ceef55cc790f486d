using System.Security.Cryptography;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>
/// The double-submit check of Kratos (nosurf): a secret in a cookie, and in the form the same secret under a fresh mask.
/// </summary>
internal sealed class Csrf(KratosCore core)
{
    private const int Length = 32;
    private const string Docs = "The HTTP Cookie Header ";
    private static readonly object Key = new();

    /// <summary>The secret of this browser, set as a cookie when the request brought none.</summary>
    public string Ensure(HttpContext context)
    {
        if (context.Items[Key] is string known) return known;
        var secret = Sent(context.Request) ?? Issue(context);
        context.Items[Key] = secret;
        return secret;
    }

    /// <summary>
    /// What stands before the router: a path that checks no form of its own takes no request that could change something without
    /// the token.
    /// </summary>
    public Task? Refuse(HttpContext context)
    {
        var secret = Ensure(context);
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method)
            || HttpMethods.IsHead(method)
            || HttpMethods.IsOptions(method)
            || HttpMethods.IsTrace(method))
            return null;
        return Check(context, secret, context.Request.Headers["X-CSRF-Token"].ToString()) is { } error
            ? Answers.ErrorAsync(context, error)
            : null;
    }

    /// <summary>A new secret after sign-in and sign-out, so that forms of the old session die.</summary>
    public void Rotate(HttpContext context) => context.Items[Key] = Issue(context);

    public static string Mask(string secret)
    {
        if (secret.Length == 0) return "";
        var token = Convert.FromBase64String(secret);
        var masked = new byte[2 * Length];
        RandomNumberGenerator.Fill(masked.AsSpan(0, Length));
        for (var i = 0; i < Length; i++)
            masked[Length + i] = (byte)(masked[i] ^ token[i]);
        return Convert.ToBase64String(masked);
    }

    /// <summary>Whether this browser began the flow; null when it did.</summary>
    public KratosError? CheckCookie(HttpContext context, Flow flow)
    {
        return flow.IsApi ? null : CheckCookie(context, flow.CsrfSecret);
    }

    private KratosError? CheckCookie(HttpContext context, string secret)
    {
        if (context.Request.Headers.Cookie.Count == 0) return KratosError.Csrf(Docs + "is empty or not set.");
        var sent = Sent(context.Request);
        if (sent is null) return KratosError.Csrf(Docs + "was set but did not include the anti-CSRF cookie.");
        return sent == secret ? null : Mismatch();
    }

    /// <summary>The same, and the form must hold the secret too.</summary>
    public KratosError? CheckForm(HttpContext context, Flow flow, Submission form)
    {
        return flow.IsApi
            ? null
            : Check(context, flow.CsrfSecret, form.CsrfToken ?? context.Request.Headers["X-CSRF-Token"].ToString());
    }

    private KratosError? Check(HttpContext context, string secret, string token)
    {
        if (CheckCookie(context, secret) is { } error) return error;
        return Unmask(token) is { } sent && CryptographicOperations.FixedTimeEquals(sent, Convert.FromBase64String(secret))
            ? null
            : Mismatch();
    }

    private string Issue(HttpContext context)
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length));
        CookieHeader.Set(context.Response, core.CsrfCookie, secret, "Max-Age=31536000", core.Options.SecureCookies);
        return secret;
    }

    private string? Sent(HttpRequest request) =>
        CookieHeader.Values(request, core.CsrfCookie).FirstOrDefault(v => Decode(v) is { Length: Length });

    private static byte[]? Unmask(string token)
    {
        var masked = Decode(token);
        if (masked is { Length: Length }) return masked;
        if (masked is not { Length: 2 * Length }) return null;
        var secret = new byte[Length];
        for (var i = 0; i < Length; i++)
            secret[i] = (byte)(masked[i] ^ masked[Length + i]);
        return secret;
    }

    private static byte[]? Decode(string value)
    {
        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value, bytes, out var written) ? bytes[..written] : null;
    }

    private static KratosError Mismatch() =>
        KratosError.Csrf(
            Docs
                + "was set and a CSRF token was sent but they do not match. We recommend deleting all cookies for this domain "
                + "and retrying the flow.");
}
