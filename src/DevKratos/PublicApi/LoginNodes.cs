using System.Collections.Immutable;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>The forms of a login flow: password, password again, and second factor.</summary>
internal static class LoginNodes
{
    public static Flow For(Flow flow, Identity? identity)
    {
        var csrf = UiNode.Csrf(Csrf.Mask(flow.CsrfSecret));
        if (flow.RequestedAal == "aal2")
        {
            UiText message = flow.Refresh ? UiTexts.ConfirmItIsYou : UiTexts.SecondFactor;
            var hasTotp = identity?.Totp is not null;
            // Without a second factor Kratos shows a form that cannot be sent: nothing but the token, and for an API not even
            // that.
            if (!hasTotp) return flow with { Nodes = flow.IsApi ? null : [csrf], Messages = [message] };
            return flow with
            {
                Nodes =
                [
                    csrf,
                    UiNode.Input("totp", "totp_code", "text", "", required: true, label: UiTexts.AuthenticationCode),
                    UiNode.Submit("totp", "totp", UiTexts.UseAuthenticator),
                ],
                Messages = [message],
            };
        }

        var password = UiNode.Input(
            "password", "password", "password", required: true, autocomplete: "current-password", label: UiTexts.Password);
        if (flow.Refresh && identity is not null)
        {
            return flow with
            {
                Nodes =
                [
                    csrf,
                    UiNode.Input("default", "identifier", "hidden", identity.Identifier),
                    password,
                    UiNode.Submit("password", "password", UiTexts.SignIn),
                ],
                Messages = [UiTexts.ConfirmItIsYou],
            };
        }

        return flow with
        {
            Nodes =
            [
                csrf,
                UiNode.Input("default", "identifier", "text", "", required: true, label: UiTexts.Email),
                password,
                UiNode.Submit("password", "password", UiTexts.SignInWithPassword),
            ],
        };
    }
}

internal static class FlowForms
{
    /// <summary>The flow with a fresh anti-CSRF token and <paramref name="messages"/> at its head, for another try.</summary>
    public static Flow Again(this Flow flow, params ImmutableArray<UiText> messages) =>
        flow.Change(
            "csrf_token", node => node.WithValue(Csrf.Mask(flow.CsrfSecret))).ClearNodeMessages() with
        { Messages = messages };

    public static Flow Change(this Flow flow, string name, Func<UiNode, UiNode> change) =>
        flow with { Nodes = flow.Nodes?.Select(n => n.Name == name ? change(n) : n).ToImmutableArray() };

    private static Flow ClearNodeMessages(this Flow flow) =>
        flow with { Nodes = flow.Nodes?.Select(n => n with { Messages = default }).ToImmutableArray() };
}
