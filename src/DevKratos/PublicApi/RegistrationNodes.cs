using System.Text.Json;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>The two forms of a registration: who you are, then your password.</summary>
internal static class RegistrationNodes
{
    public static Flow Profile(Flow flow) => flow with
    {
        Nodes =
        [
            UiNode.Csrf(Csrf.Mask(flow.CsrfSecret)),
            UiNode.Input("default", "traits.email", "email", required: true, autocomplete: "email", label: UiTexts.Trait("traits.email", "E-Mail")),
            UiNode.Input("default", "traits.name.first", "text", label: UiTexts.Trait("traits.name.first", "First Name")),
            UiNode.Input("default", "traits.name.last", "text", label: UiTexts.Trait("traits.name.last", "Last Name")),
            UiNode.Submit("profile", "profile", UiTexts.SignUp),
        ],
        Messages = [],
    };

    public static Flow Password(Flow flow, JsonElement traits) => flow with
    {
        Nodes =
        [
            UiNode.Csrf(Csrf.Mask(flow.CsrfSecret)),
            UiNode.Input("default", "traits.email", "hidden", TraitsSchema.Email(traits), required: true, autocomplete: "email"),
            UiNode.Input("default", "traits.name.first", "hidden", TraitsSchema.FirstName(traits)),
            UiNode.Input("default", "traits.name.last", "hidden", TraitsSchema.LastName(traits)),
            UiNode.Input("password", "password", "password", required: true, autocomplete: "new-password", label: UiTexts.Password),
            UiNode.Submit("password", "password", UiTexts.SignUp),
            UiNode.Input("profile", "screen", "submit", "previous", label: UiTexts.Back),
        ],
        Messages = [UiTexts.ChooseCredential],
    };

    /// <summary>The form with what was sent in it. A password sent before its step leaves a bare node behind, as in Kratos.</summary>
    public static Flow Filled(Flow flow, JsonElement traits, bool passwordSent)
    {
        flow = flow
            .Change("traits.email", node => node.WithValue(TraitsSchema.Email(traits)))
            .Change("traits.name.first", node => node.WithValue(TraitsSchema.FirstName(traits)))
            .Change("traits.name.last", node => node.WithValue(TraitsSchema.LastName(traits)));
        if (!passwordSent || flow.Nodes is not { } nodes || nodes.Any(n => n.Name == "password")) return flow;
        return flow with { Nodes = nodes.Insert(2, UiNode.Input("default", "password", "text")) };
    }
}
