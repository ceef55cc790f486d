using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace DevKratos.Wire;

/// <summary>Ory's error shape. <see cref="Extra"/> are members beside <c>error</c>, not in it.</summary>
internal sealed record KratosError(int Code, string Message, string? Reason = null, string? Id = null)
{
    /// <summary>The HTTP status when it differs from the code in the body, as readiness does.</summary>
    public int? HttpStatus { get; init; }

    public IReadOnlyList<(string Name, object Value)> Details { get; init; } = [];

    public IReadOnlyList<(string Name, object Value)> Extra { get; init; } = [];

    public const string Malformed = "The request was malformed or contained invalid parameters";
    public const string Forbidden = "The requested action was forbidden";
    public const string Unauthorized = "The request could not be authorized";

    public static readonly KratosError NotFound = new(404, "Unable to locate the resource");
    public static readonly KratosError NoSession = new(401, Unauthorized, "No valid session credentials found in the request.");
    public static readonly KratosError NoSessionCookie = new(401, Unauthorized, "No valid session cookie found.");
    public static readonly KratosError SessionInactive = new(
        401,
        "request does not have a valid authentication session",
        "No active session was found in this request.",
        "session_inactive");
    public static readonly KratosError LoginNotPossible = AlreadyLoggedIn(
        "A valid session was detected and thus login is not possible. Did you forget to set `?refresh=true`?");
    public static readonly KratosError RegistrationNotPossible = AlreadyLoggedIn(
        "A valid session was detected and thus registration is not possible.");
    public static readonly KratosError HigherAalNeedsSession = new(
        401,
        "aal2 and aal3 can only be requested if a session exists already",
        "You can not requested a higher AAL (AAL2/AAL3) without an active session.",
        "session_aal1_required");
    public static readonly KratosError Conflict = new(
        409,
        "The resource could not be created due to a conflict",
        "This identity conflicts with another identity that already exists.");
    public static readonly KratosError DatabaseGone = new(
        500,
        "failed to connect to `user=kratos database=kratos`: 127.0.0.1:15432 (127.0.0.1): dial error: dial tcp "
            + "127.0.0.1:15432: connect: connection refused");
    public static readonly KratosError NoOAuth2 = new(
        500,
        "An internal server error occurred, please contact the system administrator",
        "refusing to parse login_challenge query parameter because oauth2_provider.url is invalid or unset");
    public static readonly KratosError NoFlow = BadRequest("The flow query parameter is missing or malformed.");
    public static readonly KratosError NotReady = new(
        500,
        "error may contain sensitive information and was obfuscated; error may contain sensitive information and was obfuscated")
    {
        HttpStatus = 503
    };

    public static KratosError AalRequired(string redirectTo) => new(
        403, "Session does not fulfill the requested Authenticator Assurance Level",
        "An active session was found but it does not fulfill the requested Authenticator Assurance Level. Please verify "
            + "yourself with a second factor to resolve this issue.",
        "session_aal2_required")
    {
        Details = [("redirect_browser_to", redirectTo)],
        Extra = [("redirect_browser_to", redirectTo)],
    };

    public static KratosError RefreshRequired(string redirectTo) => new(
        403,
        Forbidden,
        "The login session is too old and thus not allowed to update these fields. Please re-authenticate.",
        "session_refresh_required")
    {
        Extra = [("redirect_browser_to", redirectTo)],
    };

    public static KratosError UnknownAal(string aal) => BadRequest(
        $"Unable to parse AuthenticationMethod Assurance Level (AAL): expected one of [aal1, aal2] but got \"{aal}\".");

    public static KratosError BadRequest(string reason) => new(400, Malformed, reason);

    public static KratosError Csrf(string rejectReason) => new(
        403, "the request was rejected to protect you from Cross-Site-Request-Forgery",
        "Please retry the flow and optionally clear your cookies. The request was rejected to protect you from "
            + "Cross-Site-Request-Forgery (CSRF) which could cause account takeover, leaking personal information, and other "
            + "serious security issues.",
        "security_csrf_violation")
    {
        Details =
        [
            ("docs", "https://www.ory.sh/kratos/docs/debug/csrf"),
            ("hint", "We detected a regular browser or server-side call. To debug browser calls check your Browser's Network "
                + "Tab to see what cookies are included or excluded. If you are calling from a server ensure that the "
                + "appropriate cookies are being forwarded and that the SDK method is called correctly."),
            ("reject_reason", rejectReason),
        ],
    };

    public static KratosError AccountDisabled(Guid identity) => new(401, "identity is disabled", "This account was disabled.")
    {
        Details = [("identity_id", identity.ToString())],
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("error");
        WriteInner(json);
        foreach (var (name, value) in Extra)
            json.WriteValue(name, value);
        json.WriteEndObject();
    }

    public void WriteInner(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Id is not null)
            json.WriteString("id", Id);
        json.WriteNumber("code", Code);
        json.WriteString("status", ReasonPhrases.GetReasonPhrase(Code));
        if (Reason is not null)
            json.WriteString("reason", Reason);
        if (Details.Count > 0)
        {
            json.WriteStartObject("details");
            foreach (var (name, value) in Details)
                json.WriteValue(name, value);
            json.WriteEndObject();
        }

        json.WriteString("message", Message);
        json.WriteEndObject();
    }

    private static KratosError AlreadyLoggedIn(string reason) =>
        new(400, "you are already logged in", reason, "session_already_available");
}
