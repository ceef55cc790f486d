using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Logout of a browser in two steps (a URL with a token, then that URL), and of an API client in one.</summary>
internal sealed class LogoutEndpoints(
    KratosCore core, Answers answers, Csrf csrf, Callers callers, ReturnTo returnTo, SignIns signIns)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/self-service/logout/browser", InitAsync);
        routes.MapRead("/self-service/logout", SubmitAsync);
        routes.MapDelete("/self-service/logout/api", ApiAsync);
    }

    private Task InitAsync(HttpContext context)
    {
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        if (callers.Find(context.Request).Session is not { } session)
            return answers.ForwardAsync(context, KratosError.SessionInactive);
        var target = context.Request.Query["return_to"].ToString();
        if (returnTo.Check(target) is { } forbidden) return answers.ForwardAsync(context, forbidden);
        var query = (target.Length > 0 ? $"return_to={Uri.EscapeDataString(target)}&" : "") + "token=" + session.LogoutToken;
        return Answers.OkAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("logout_url", core.Public("self-service/logout?" + query));
            json.WriteString("logout_token", session.LogoutToken);
            json.WriteEndObject();
        });
    }

    private Task SubmitAsync(HttpContext context)
    {
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        var token = context.Request.Query["token"].ToString();
        if (token.Length == 0)
            return answers.ForwardAsync(context, KratosError.BadRequest("Please include a token in the URL query."));
        if (callers.Find(context.Request).Session is not { } session)
            return answers.ForwardAsync(context, KratosError.SessionInactive);
        if (token != session.LogoutToken)
        {
            return answers.ForwardAsync(
                context,
                new KratosError(
                    403,
                    KratosError.Forbidden,
                    "Unable to log out because the logout token in the URL query does not match the session cookie."));
        }

        core.Store.Update(session.Id, s => s with { Revoked = true });
        signIns.ClearCookie(context);
        csrf.Rotate(context);
        if (Answers.WantsJson(context.Request)) return Answers.NoContentAsync(context);
        var target = context.Request.Query["return_to"].ToString();
        return Answers.RedirectAsync(
            context, target.Length > 0 && returnTo.Check(target) is null ? returnTo.Resolve(target) : core.Ui("login"));
    }

    private async Task ApiAsync(HttpContext context)
    {
        var (form, complaint) = await Submission.ReadAsync(context.Request);
        if (complaint is not null)
        {
            await Answers.ErrorAsync(context, KratosError.BadRequest("Unable to decode the request body as JSON."));
            return;
        }

        if (core.Store.FindSessionByToken(form["session_token"] ?? "") is not { } session)
        {
            await Answers.ErrorAsync(
                context,
                new KratosError(
                    403,
                    KratosError.Forbidden,
                    "The provided Ory Session Token could not be found, is invalid, or otherwise malformed."));
            return;
        }

        core.Store.Update(session.Id, s => s with { Revoked = true });
        await Answers.NoContentAsync(context);
    }
}
