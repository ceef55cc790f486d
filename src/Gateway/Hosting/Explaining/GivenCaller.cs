using System.Text;
using System.Text.Json;
using Gateway.Access;
using Gateway.Authenticators;
using Gateway.Kratos;
using Gateway.Sessions;

namespace Gateway.Hosting.Explaining;

/// <summary>
/// The caller that whoever asks has described, instead of a credential; without one, everybody is asked as ever.
/// </summary>
internal sealed class GivenCaller(AuthenticatorChain everybody) : Authenticator
{
    /// <summary>Has the session of a whoami answer taken for the caller's.</summary>
    /// <exception cref="ExplainException">It is none.</exception>
    public static void Set(HttpContext context, JsonElement session)
    {
        var services = context.RequestServices;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var answer = WhoamiReader.Read(Encoding.UTF8.GetBytes(session.GetRawText()), now);
        if (answer.Status is WhoamiStatus.NoVerdict)
            throw new ExplainException(
                "The session is none: give what GET /sessions/whoami answers, with id, active, expires_at and identity.id.");
        var verdict = services.GetRequiredService<WhoamiVerdicts>().Of(answer);
        context.Features.Set(new Given(services.GetRequiredService<KratosAuthenticator>().Read(new SessionLookup(verdict))));
    }

    public override ValueTask<Authentication> AuthenticateAsync(HttpContext context) =>
        context.Features.Get<Given>() is { } given ? new(given.Found) : everybody.AuthenticateAsync(context);

    public override ValueTask<Authentication> AuthenticateAnewAsync(HttpContext context) =>
        context.Features.Get<Given>() is { } given ? new(given.Found) : everybody.AuthenticateAnewAsync(context);

    private sealed record Given(Authentication Found);
}
