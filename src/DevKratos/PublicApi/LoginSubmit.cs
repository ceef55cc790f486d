using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>Judges a submitted login: password or TOTP code, for a new session or an existing one.</summary>
internal sealed class LoginSubmit(
    KratosCore core, Answers answers, Csrf csrf, Callers callers, ReturnTo returnTo, SignIns signIns)
{
    public async Task RunAsync(HttpContext context, Flow flow)
    {
        var (form, complaint) = await Submission.ReadAsync(context.Request);
        if (complaint is not null)
        {
            await Again(context, flow.Again(UiTexts.Invalid(complaint)));
            return;
        }

        var caller = callers.Find(context.Request);
        var method = form.Method ?? (form["totp_code"] is { Length: > 0 } ? "totp" : null);
        var answer = (method, flow.RequestedAal) switch
        {
            ("password", "aal1") or ("totp", "aal2") when csrf.CheckForm(context, flow, form) is { } error =>
                answers.ForwardAsync(context, error),
            ("password", "aal1") => Password(context, flow, form, caller),
            ("totp", "aal2") => SecondFactor(context, flow, form, caller),
            _ => Again(context, flow.Again(UiTexts.NoLoginStrategy)),
        };
        await answer;
    }

    private Task Password(HttpContext context, Flow flow, Submission form, Caller caller)
    {
        if (caller.Session is not null && !flow.Refresh)
        {
            return flow.IsApi || Answers.WantsJson(context.Request)
                ? Again(context, flow.Again(UiTexts.Invalid(KratosError.LoginNotPossible.Reason!)))
                : Answers.RedirectAsync(context, returnTo.Resolve(flow.ReturnTo));
        }

        if (caller.Session is null && flow.Refresh) return answers.ForwardAsync(context, KratosError.SessionInactive);

        var identifier = form["identifier"] ?? form["password_identifier"] ?? "";
        var password = form["password"] ?? "";
        if (identifier.Length == 0 || password.Length == 0) return Again(context, Incomplete(flow, identifier, password));

        var identity = core.Store.FindIdentity(identifier);
        var right = PasswordHash.Verify(identity, password) && (caller.Identity is null || caller.Identity.Id == identity!.Id);
        if (!right || identity is null)
        {
            return Again(
                context, flow.Again(UiTexts.CredentialsInvalid).Change("identifier", node => node.WithValue(identifier)));
        }

        if (!identity.Active) return answers.ForwardAsync(context, KratosError.AccountDisabled(identity.Id));
        return caller.Session is { } session
            ? Complete(context, flow, signIns.Renew(session, "password", "aal1"), identity, renewed: true)
            : Complete(context, flow, signIns.Begin(identity, "password", context.Request), identity, renewed: false);
    }

    private Task SecondFactor(HttpContext context, Flow flow, Submission form, Caller caller)
    {
        if (caller.Session is not { } session || caller.Identity is not { } identity)
            return answers.ForwardAsync(context, KratosError.SessionInactive);
        if (identity.Totp is not { } totp) return Again(context, flow.Again(UiTexts.NoLoginStrategy));
        if (!Totp.Verify(totp.Secret, form["totp_code"] ?? "", core.Options.TimeProvider.GetUtcNow()))
        {
            return Again(context, flow.Again(UiTexts.TotpInvalid).Change("totp_code", node => node.WithValue(null)));
        }

        return Complete(context, flow, signIns.Renew(session, "totp", "aal2"), identity, renewed: true);
    }

    private Task Complete(HttpContext context, Flow flow, Session session, Identity identity, bool renewed)
    {
        var shown = renewed ? SignIns.AsAnswered(session, context.Request) : session;
        if (flow.IsApi)
        {
            return Answers.OkAsync(context, json =>
            {
                json.WriteStartObject();
                json.WriteString("session_token", session.Token);
                json.WritePropertyName("session");
                core.Sessions.Write(json, shown, identity, active: true);
                json.WriteNull("continue_with");
                json.WriteEndObject();
            });
        }

        if (!renewed)
            csrf.Rotate(context);
        signIns.SetCookie(context, session);
        var stepUp = core.Options.WhoamiRequiredAal == "highest_available" && session.Aal == "aal1" && identity.Totp is not null;
        var target = stepUp ? StepUpUrl(flow) : returnTo.Resolve(flow.ReturnTo);
        if (!Answers.WantsJson(context.Request))
            return Answers.RedirectAsync(context, target);

        if (stepUp)
            return Answers.ErrorAsync(
                context,
                new KratosError(
                    422,
                    "browser location change required",
                    "In order to complete this flow please redirect the browser to: " + target,
                    "browser_location_change_required")
                {
                    Extra = [("redirect_browser_to", target)],
                });

        return Answers.OkAsync(context, json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("session");
            core.Sessions.Write(json, shown, identity, active: true);
            FlowJson.WriteContinueWith(json, [("redirect_browser_to", [("redirect_browser_to", target)])]);
            json.WriteEndObject();
        });
    }

    private string StepUpUrl(Flow flow) =>
        core.Public("self-service/login/browser?aal=aal2")
            + (flow.ReturnTo is null ? "" : "&return_to=" + Uri.EscapeDataString(flow.ReturnTo));

    private static Flow Incomplete(Flow flow, string identifier, string password)
    {
        var again = flow.Again();
        again = identifier.Length == 0
            ? again.Change("identifier", node => node.WithMessage(UiTexts.Missing("identifier")))
            : again.Change("identifier", node => node.WithValue(identifier));
        return password.Length == 0 ? again.Change("password", node => node.WithMessage(UiTexts.Missing("password"))) : again;
    }

    private Task Again(HttpContext context, Flow flow) => answers.RetryAsync(context, core.Store.Save(flow));
}
