using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>The settings form: profile, password, and the authenticator app (enrol or unlink).</summary>
internal static class SettingsNodes
{
    /// <summary>
    /// A transparent dot in the place of the QR code, which DevKratos does not draw; the secret stands beside it.
    /// </summary>
    private const string NoQr =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

    public static Flow For(Flow flow, Identity identity)
    {
        flow = flow with
        {
            TotpSecret = identity.Totp is null ? flow.TotpSecret ?? Totp.NewSecret() : null,
            IdentityId = identity.Id
        };
        return flow with
        {
            Nodes =
            [
                UiNode.Csrf(Csrf.Mask(flow.CsrfSecret)),
                UiNode.Input(
                    "profile",
                    "traits.email",
                    "email",
                    TraitsSchema.Email(identity.Traits),
                    required: true,
                    autocomplete: "email",
                    label: UiTexts.Email),
                UiNode.Input(
                    "profile", "traits.name.first", "text", TraitsSchema.FirstName(identity.Traits), label: UiTexts.FirstName),
                UiNode.Input(
                    "profile", "traits.name.last", "text", TraitsSchema.LastName(identity.Traits), label: UiTexts.LastName),
                UiNode.Submit("profile", "profile", UiTexts.Save),
                UiNode.Input(
                    "password", "password", "password", required: true, autocomplete: "new-password", label: UiTexts.Password),
                UiNode.Submit("password", "password", UiTexts.Save),
                .. flow.TotpSecret is { } secret ? Enrol(secret) : Unlink(),
            ],
        };
    }

    private static UiNode[] Enrol(string secret) =>
    [
        new UiNode("img", "totp", new ImageAttributes("totp_qr", NoQr, 256, 256), UiTexts.TotpQr),
        new UiNode("text", "totp", new TextAttributes("totp_secret_key", UiTexts.TotpSecret(secret)), UiTexts.TotpSecretLabel),
        UiNode.Input("totp", "totp_code", "text", required: true, label: UiTexts.VerifyCode),
        UiNode.Submit("totp", "totp", UiTexts.Save),
    ];

    private static UiNode[] Unlink() =>
        [UiNode.Input("totp", "totp_unlink", "submit", "true", required: true, label: UiTexts.UnlinkTotp)];
}
