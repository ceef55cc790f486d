using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Forwarding.Mutators;

/// <summary>
/// <c>Cookies</c>: cookies from templates, in front of the client's in the Cookie header, so that no open quote of a client's
/// swallows them.
/// </summary>
internal sealed class CookiesMutator : Mutator
{
    private const string Cookie = "Cookie";

    /// <summary>RFC 6265 section 4.1.1, and blank and comma, for which a value stands in quotes.</summary>
    private static readonly SearchValues<char> Plain = PercentEncoding.AllPrintableBut("\"%;\\");

    private readonly NamedTemplates _cookies;

    private CookiesMutator(NamedTemplates cookies) => _cookies = cookies;

    public override IReadOnlyList<string> CookieNames => _cookies.Names;

    public override bool NeedsSession => _cookies.NeedsSession;

    public static Mutator? Read(JsonElement value, MutatorReading reading) =>
        NamedTemplates.Read(value, reading, name => Problem(name, reading.SessionCookie), Sent) is { } cookies
            ? new CookiesMutator(cookies)
            : null;

    public override void Apply(HttpContext context, Caller? caller, HttpRequestHeaders headers)
    {
        var values = _cookies.Values(context, caller);
        var line = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value) continue;
            if (line.Length > 0)
                line.Append("; ");
            line.Append(_cookies.Names[i]).Append('=').Append(value);
        }
        if (line.Length == 0) return;
        if (headers.NonValidated.TryGetValues(Cookie, out var others))
        {
            foreach (var other in others)
                line.Append("; ").Append(other);
            headers.Remove(Cookie);
        }
        headers.TryAddWithoutValidation(Cookie, line.ToString());
    }

    /// <summary>
    /// A value as it can stand in a Cookie header: in double quotes where it holds a blank or a comma, as Oathkeeper writes it,
    /// and what can stand nowhere in one percent-encoded, so that two values never become one.
    /// </summary>
    internal static string Encode(string value)
    {
        var encoded = PercentEncoding.Encode(value, Plain);
        return encoded.AsSpan().ContainsAny(' ', ',') ? $"\"{encoded}\"" : encoded;
    }

    /// <summary>Null: nothing, or more than a header carries.</summary>
    private static string? Sent(string? value)
    {
        var encoded = string.IsNullOrEmpty(value) ? "" : Encode(value);
        return encoded.Length is 0 or > HeaderValue.MaxLength ? null : encoded;
    }

    private static string? Problem(string name, string sessionCookie)
    {
        if (!HeaderAliases.IsHeaderName(name)) return "is not a cookie name: use letters, digits, - and _";
        if (HeaderAliases.Comparer.Equals(name, sessionCookie)) return "is Kratos' session cookie; choose a name of your own";
        return HeaderAliases.StartsWith(name, "csrf_token")
            ? "is a cookie that Kratos sets; choose a name of your own"
            : null;
    }
}
