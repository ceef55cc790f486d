using System.Globalization;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>
/// Changes a person's settings. Password and authenticator need a recent login; the change waits while the person logs in again.
/// </summary>
internal sealed class SettingsSubmit(KratosCore core, Answers answers, Csrf csrf, ReturnTo returnTo, SignIns signIns)
{
    public async Task RunAsync(HttpContext context, Flow flow, Caller caller)
    {
        var form = await ReadAsync(context, flow);
        var method = form is null ? null : MethodOf(form);
        if (form is null || method is null)
        {
            await Again(context, flow, caller, flow.Again(UiTexts.NoSettingsStrategy));
            return;
        }

        var resumed = HttpMethods.IsGet(context.Request.Method);
        if (!resumed && csrf.CheckForm(context, flow, form) is { } error)
        {
            await answers.ForwardAsync(context, error);
            return;
        }

        // A new address is a new name to log in with: as privileged as a password.
        var privileged = method is not "profile"
            || (form.Traits is { } traits && TraitsSchema.Email(traits) != TraitsSchema.Email(caller.Identity!.Traits));
        if (privileged && core.Now - caller.Session!.AuthenticatedAt > core.Options.PrivilegedSessionMaxAge)
        {
            await AskAgainAsync(context, flow, form);
            return;
        }

        if (resumed)
            CookieHeader.Set(
                context.Response,
                KratosCore.ContinuityCookie,
                SecretText.CookieValue(core.Now)[..96],
                "Max-Age=2592000",
                core.Options.SecureCookies);
        var (changed, session, complaint) = Change(flow, caller, method, form);
        if (complaint is not null)
            await Again(context, flow, caller, complaint);
        else
            await SavedAsync(context, flow, changed!, session);
    }

    /// <summary>The form of this request, or, for the GET that follows a fresh login, the form that was waiting for it.</summary>
    private static async Task<Submission?> ReadAsync(HttpContext context, Flow flow)
    {
        if (!HttpMethods.IsGet(context.Request.Method)) return (await Submission.ReadAsync(context.Request)).Form;
        return flow.Pending is { } pending
            && CookieHeader.Values(context.Request, KratosCore.ContinuityCookie).Contains(pending.Continuity)
            ? pending.Form
            : null;
    }

    private static string? MethodOf(Submission form)
    {
        if (FlowStarts.IsTrue(form["totp_unlink"])) return "totp_unlink";
        return form.Method is "password" or "profile" or "totp" ? form.Method : null;
    }

    private (Identity? Changed, Session Session, Flow? Complaint) Change(Flow flow, Caller caller, string method, Submission form)
    {
        var (session, id, now) = (caller.Session!, caller.Identity!.Id, core.Now);
        switch (method)
        {
            case "password":
                var password = form["password"] ?? "";
                if (password.Length < 8)
                    return (null, session, flow.Again().Change(
                        "password",
                        node => node.WithMessage(
                            password.Length == 0 ? UiTexts.Missing("password") : UiTexts.PasswordTooShort(password.Length))));
                if (core.Options.RevokeSessionsOnPasswordChange)
                    core.Store.RevokeOthers(id, session.Id);
                var hash = PasswordHash.Create(password);
                return (core.Store.Update(
                    id,
                    i => i with { Password = new PasswordCredential(hash, i.Password?.CreatedAt ?? now, now) }), session, null);

            case "totp":
                if (flow.TotpSecret is not { } secret
                    || !Totp.Verify(secret, form["totp_code"] ?? "", core.Options.TimeProvider.GetUtcNow()))
                    return (null, session, flow.Again().Change("totp_code", node => node.WithMessage(UiTexts.TotpInvalid)));
                var enrolled = core.Store.Update(id, i => i with { Totp = new TotpCredential(secret, now, now) });
                // The session that enrolled has just shown the second factor: it is aal2 from here on.
                return (enrolled, core.Store.Update(
                    session.Id, s => s with { Methods = s.Methods.Add(new AuthenticationMethod("totp", "aal2", now)) })!, null);

            case "totp_unlink":
                return (core.Store.Update(id, i => i with { Totp = null }), session, null);

            default:
                var traits = form.Traits ?? caller.Identity.Traits;
                if (TraitsSchema.Complaint(traits) is { } complaint)
                    return (null, session, flow.Again(UiTexts.Invalid(complaint)));
                var saved = core.Store.Update(id, i => i.WithTraits(traits, now));
                return string.Equals(saved?.Identifier, TraitsSchema.Email(traits), StringComparison.OrdinalIgnoreCase)
                    ? (saved, session, null)
                    : (null, session, flow.Again(UiTexts.DuplicateIdentifier));
        }
    }

    private Task SavedAsync(HttpContext context, Flow flow, Identity identity, Session session)
    {
        var target = flow.ReturnTo is null ? core.UiFlow(flow) : returnTo.Resolve(flow.ReturnTo);
        var saved = core.Store.Save(SettingsNodes.For(
            flow with { State = "success", Messages = [UiTexts.Saved], Pending = null, TotpSecret = null }, identity));
        if (flow.IsApi) return answers.FlowAsync(context, StatusCodes.Status200OK, saved, identity);
        signIns.SetCookie(context, session);
        return Answers.WantsJson(context.Request)
            ? answers.FlowAsync(context, StatusCodes.Status200OK, saved, identity, target)
            : Answers.RedirectAsync(context, target);
    }

    private Task AskAgainAsync(HttpContext context, Flow flow, Submission form)
    {
        var continuity = SecretText.CookieValue(core.Now)[..248];
        core.Store.Save(flow with { Pending = (continuity, form) });
        var back = Uri.EscapeDataString(core.Public($"self-service/settings?flow={flow.Id}"));
        var login = core.Public("self-service/login/browser?refresh=true") + "&return_to=" + back;
        if (flow.IsApi) return Answers.ErrorAsync(context, KratosError.RefreshRequired(login));

        var expires = core.Now.AddDays(30).ToString("R", CultureInfo.InvariantCulture);
        CookieHeader.Set(
            context.Response,
            KratosCore.ContinuityCookie,
            continuity,
            $"Expires={expires}; Max-Age=2592000",
            core.Options.SecureCookies);
        return Answers.WantsJson(context.Request)
            ? Answers.ErrorAsync(context, KratosError.RefreshRequired(login))
            : Answers.RedirectAsync(context, login);
    }

    private Task Again(HttpContext context, Flow flow, Caller caller, Flow again) =>
        answers.RetryAsync(
            context, core.Store.Save(again with { State = "show_form", TotpSecret = flow.TotpSecret }), caller.Identity);
}
