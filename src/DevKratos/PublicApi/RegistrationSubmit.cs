using System.Text.Json;
using System.Text.Json.Nodes;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>
/// Judges a submitted registration: the profile step, the password step, or both at once. A new person is signed in at once.
/// </summary>
internal sealed class RegistrationSubmit(
    KratosCore core, Answers answers, Csrf csrf, ReturnTo returnTo, SignIns signIns, VerificationEndpoints verification)
{
    private const int MinimumPassword = 8;

    public async Task RunAsync(HttpContext context, Flow flow)
    {
        var (form, complaint) = await Submission.ReadAsync(context.Request);
        await (complaint is null ? Judge(context, flow, form) : Again(context, flow.Again(UiTexts.Invalid(complaint))));
    }

    private Task Judge(HttpContext context, Flow flow, Submission form)
    {
        var previous = form["screen"] == "previous";
        if (!previous && form.Method is not (null or "password" or "profile"))
            return Again(context, flow.Again(UiTexts.NoRegistrationStrategy));

        if (csrf.CheckForm(context, flow, form) is { } error)
            return answers.ForwardAsync(context, error);

        var traits = WithName(form.Traits);
        if (previous) return Again(context, RegistrationNodes.Filled(RegistrationNodes.Profile(flow), traits));
        return form.Method == "password"
            ? Password(context, flow, traits, form["password"] ?? "")
            : Again(context, Complain(flow, traits) ?? RegistrationNodes.Password(flow, traits));
    }

    private Task Password(HttpContext context, Flow flow, JsonElement traits, string password)
    {
        if (password.Length == 0) return Again(context, Wrong(flow, traits, "password", UiTexts.Missing("password")));
        if (Complain(flow, traits) is { } wrong) return Again(context, wrong);
        if (password.Length < MinimumPassword)
            return Again(context, Wrong(flow, traits, "password", UiTexts.PasswordTooShort(password.Length)));

        var identity = NewIdentity.From(core.Now, traits, password, addressStatus: "sent");
        if (!core.Store.TryAdd(identity)) return Again(context, flow.Again(UiTexts.DuplicateIdentifier));

        var session = signIns.Begin(identity, "password", context.Request);
        if (!flow.IsApi)
            csrf.Rotate(context);
        var next = verification.Begin(context, flow, identity);
        return flow.IsApi ? ApiAnswer(context, session, identity, next) : BrowserAnswer(context, flow, session, identity, next);
    }

    private Task ApiAnswer(HttpContext context, Session session, Identity identity, Flow next) =>
        Answers.OkAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("session_token", session.Token);
            WriteSignedIn(json, session, identity);
            json.WriteStartArray("continue_with");
            WriteShowVerification(json, next, identity, withUrl: false);
            json.WriteStartObject();
            json.WriteString("action", "set_ory_session_token");
            json.WriteString("ory_session_token", session.Token);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        });

    private Task BrowserAnswer(HttpContext context, Flow flow, Session session, Identity identity, Flow next)
    {
        signIns.SetCookie(context, session);
        if (!Answers.WantsJson(context.Request)) return Answers.RedirectAsync(context, core.UiFlow(next));
        return Answers.OkAsync(context, json =>
        {
            json.WriteStartObject();
            WriteSignedIn(json, session, identity);
            json.WriteStartArray("continue_with");
            json.WriteStartObject();
            json.WriteString("action", "redirect_browser_to");
            json.WriteString("redirect_browser_to", returnTo.Resolve(flow.ReturnTo));
            json.WriteEndObject();
            WriteShowVerification(json, next, identity, withUrl: true);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private void WriteSignedIn(Utf8JsonWriter json, Session session, Identity identity)
    {
        json.WritePropertyName("session");
        core.Sessions.Write(json, session, identity, active: true);
        json.WritePropertyName("identity");
        core.Sessions.Write(json, identity, IdentityView.Public);
    }

    private void WriteShowVerification(Utf8JsonWriter json, Flow flow, Identity identity, bool withUrl)
    {
        json.WriteStartObject();
        json.WriteString("action", "show_verification_ui");
        json.WriteStartObject("flow");
        json.WriteString("id", flow.Id);
        json.WriteString("verifiable_address", identity.Identifier);
        if (withUrl)
            json.WriteString("url", core.UiFlow(flow));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The flow with what is wrong with the traits, each at its field; null when nothing is.</summary>
    private static Flow? Complain(Flow flow, JsonElement traits)
    {
        if (TraitsSchema.Complaint(traits) is not { } complaint) return null;
        return TraitsSchema.Email(traits) switch
        {
            null => Wrong(flow, traits, "traits.email", UiTexts.Missing("email")),
            var email when !TraitsSchema.IsEmail(email) => Wrong(flow, traits, "traits.email", UiTexts.InvalidEmail(email)),
            _ => Wrong(flow, traits, "traits", UiTexts.Invalid(complaint)),
        };
    }

    private static Flow Wrong(Flow flow, JsonElement traits, string field, UiText message) =>
        RegistrationNodes.WithField(
            RegistrationNodes.Filled(flow.Again(), traits), field).Change(field, node => node.WithMessage(message));

    /// <summary>Kratos' registration stores an empty name object when no name is given.</summary>
    private static JsonElement WithName(JsonElement? traits)
    {
        var node = traits is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];
        if (!node.ContainsKey("name"))
            node["name"] = new JsonObject();
        return JsonText.Element(node.ToJsonString());
    }

    private Task Again(HttpContext context, Flow flow) =>
        answers.RetryAsync(
            context,
            core.Store.Save(flow),
            redirect: context.Request.HasFormContentType
                && flow.Messages.IsEmpty ? StatusCodes.Status302Found : StatusCodes.Status303SeeOther);
}
