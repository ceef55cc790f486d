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
            UiNode.Input("default", "traits.email", "email", required: true, autocomplete: "email", label: UiTexts.Email),
            UiNode.Input("default", "traits.name.first", "text", label: UiTexts.FirstName),
            UiNode.Input("default", "traits.name.last", "text", label: UiTexts.LastName),
            UiNode.Submit("profile", "profile", UiTexts.SignUp),
        ],
        Messages = [],
    };

    public static Flow Password(Flow flow, JsonElement traits) => flow with
    {
        Nodes =
        [
            UiNode.Csrf(Csrf.Mask(flow.CsrfSecret)),
            UiNode.Input(
                "default",
                "traits.email",
                "hidden",
                TraitsSchema.Email(traits),
                required: true,
                autocomplete: "email",
                label: UiTexts.Email),
            UiNode.Input("default", "traits.name.first", "hidden", TraitsSchema.FirstName(traits), label: UiTexts.FirstName),
            UiNode.Input("default", "traits.name.last", "hidden", TraitsSchema.LastName(traits), label: UiTexts.LastName),
            UiNode.Input(
                "password", "password", "password", required: true, autocomplete: "new-password", label: UiTexts.Password),
            UiNode.Submit("password", "password", UiTexts.SignUp),
            UiNode.Input("profile", "screen", "submit", "previous", label: UiTexts.Back),
        ],
        Messages = [UiTexts.ChooseCredential],
    };

    /// <summary>The form with what was sent in it.</summary>
    public static Flow Filled(Flow flow, JsonElement traits) => flow
        .Change("traits.email", node => node.WithValue(TraitsSchema.Email(traits)))
        .Change("traits.name.first", node => node.WithValue(TraitsSchema.FirstName(traits)))
        .Change("traits.name.last", node => node.WithValue(TraitsSchema.LastName(traits)));

    /// <summary>A mistake in a field that the form does not show leaves a bare node behind, as in Kratos.</summary>
    public static Flow WithField(Flow flow, string name) => flow.Nodes is not { } nodes || nodes.Any(n => n.Name == name)
        ? flow
        : flow with { Nodes = nodes.Insert(2, UiNode.Input("default", name, "text")) };
}
