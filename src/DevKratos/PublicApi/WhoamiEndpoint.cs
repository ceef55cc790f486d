using System.Globalization;
using DevKratos.Core;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary><c>/sessions/whoami</c>: the question a gateway asks. It answers every method that it knows alike.</summary>
internal sealed class WhoamiEndpoint(KratosCore core, Callers callers, SignIns signIns)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapMethods(
        "/sessions/whoami", ["GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "DELETE"], AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        await core.Faults.MeetWhoamiAsync(context);
        await Answer(context);
    }

    private Task Answer(HttpContext context)
    {
        if (core.Faults.WhoamiStatusOverride is { } status)
            return Answers.ErrorAsync(context, new KratosError(status, "An answer made for a test"));

        var caller = callers.Find(context.Request);
        var template = context.Request.Query["tokenize_as"].ToString();
        if (caller.Session is not { } session || caller.Identity is not { } identity)
        {
            if (core.Options.CacheableSessions
                && caller.Kind is (CredentialKind.None or CredentialKind.Cookie)
                && !core.Faults.NoQueries)
                CacheFor(context, 60);
            return Answers.ErrorAsync(context, KratosError.NoSession);
        }

        if (core.Options.WhoamiRequiredAal == "highest_available" && caller.CouldStepUp)
            return Answers.ErrorAsync(context, KratosError.AalRequired(core.Public("self-service/login/browser?aal=aal2")));

        if (template.Length > 0)
            return Answers.ErrorAsync(context, KratosError.BadRequest($"Unable to find tokenizer template \"{template}\"."));

        context.Response.Headers["X-Kratos-Authenticated-Identity-Id"] = identity.Id.ToString();
        if (caller.Kind != CredentialKind.Cookie && callers.UnreadableCookie(context.Request) is { } complaint)
            return Answers.ErrorAsync(context, new KratosError(500, complaint));

        if (caller.CookieIsStale)
            signIns.SetCookie(context, session);
        if (core.Options.CacheableSessions)
        {
            var remaining = session.ExpiresAt - core.Now;
            CacheFor(
                context,
                (long)(remaining < core.Options.CacheableSessionsMaxAge
                    ? remaining
                    : core.Options.CacheableSessionsMaxAge).TotalSeconds);
        }

        return Answers.OkAsync(context, json => core.Sessions.Write(json, session, identity, active: true));
    }

    private static void CacheFor(HttpContext context, long seconds) =>
        context.Response.Headers["Ory-Session-Cache-For"] = seconds.ToString(CultureInfo.InvariantCulture);
}
