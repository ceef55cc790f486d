using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace Gateway.Decisions;

/// <summary>The caller of one request, in ASP.NET Core's seat: <c>HttpContext.User</c> is made when somebody reads it.</summary>
internal sealed class CallerFeature(Caller caller) : IHttpAuthenticationFeature
{
    private ClaimsPrincipal? _user;

    public Caller Caller { get; } = caller;

    public ClaimsPrincipal? User
    {
        get => _user ??= Principal(Caller);
        set => _user = value;
    }

    public static void Set(HttpContext context, Caller caller) =>
        context.Features[typeof(IHttpAuthenticationFeature)] = new CallerFeature(caller);

    /// <summary>
    /// The caller as claims: subject, <c>sid</c> (the session's id), <c>acr</c> (its assurance level) and, where the trait
    /// <c>email</c> is a text, the e-mail address.
    /// </summary>
    private static ClaimsPrincipal Principal(Caller caller)
    {
        List<Claim> claims = [new(ClaimTypes.NameIdentifier, caller.Subject)];
        if (caller.Session is { } session)
        {
            claims.Add(new("sid", session.Id));
            if (session.AssuranceLevel is not AssuranceLevel.Unknown)
                claims.Add(new("acr", session.AssuranceLevel is AssuranceLevel.Aal2 ? "aal2" : "aal1"));
            if (Email(session.Traits.Json) is { } email)
                claims.Add(new(ClaimTypes.Email, email));
        }
        return new(new ClaimsIdentity(claims, caller.Authenticator, ClaimTypes.NameIdentifier, ClaimTypes.Role));
    }

    private static string? Email(JsonElement traits)
    {
        if (traits.ValueKind is not JsonValueKind.Object) return null;
        if (!traits.TryGetProperty("email", out var email)) return null;
        return email.ValueKind is JsonValueKind.String ? email.TextOrNull() : null;
    }
}
