using System.Globalization;
using DevKratos.State;

namespace DevKratos.Wire;

/// <summary>The texts of Kratos v26.2.0 that DevKratos uses, with their numbers.</summary>
internal static class UiTexts
{
    public static readonly UiText SignIn = new(1010001, "Sign in");
    public static readonly UiText ConfirmItIsYou = new(1010003, "Please confirm this action by verifying that it is you.");
    public static readonly UiText SecondFactor = new(1010004, "Please complete the second authentication challenge.");
    public static readonly UiText AuthenticationCode = new(1010006, "Authentication code");
    public static readonly UiText UseAuthenticator = new(1010009, "Use Authenticator");
    public static readonly UiText SignInWithPassword = new(1010022, "Sign in with password");
    public static readonly UiText SignUp = new(1040001, "Sign up");
    public static readonly UiText Back = new(1040008, "Back");
    public static readonly UiText ChooseCredential = new(1040009, "Please choose a credential to authenticate yourself with.");
    public static readonly UiText Email = Trait("traits.email", "E-Mail");
    public static readonly UiText FirstName = Trait("traits.name.first", "First Name");
    public static readonly UiText LastName = Trait("traits.name.last", "Last Name");
    public static readonly UiText Saved = new(1050001, "Your changes have been saved!", "success");
    public static readonly UiText UnlinkTotp = new(1050004, "Unlink TOTP Authenticator App");
    public static readonly UiText TotpQr = new(1050005, "Authenticator app QR code");
    public static readonly UiText TotpSecretLabel = new(
        1050017, "This is your authenticator app secret. Use it if you can not scan the QR code.");
    public static readonly UiText Password = new(1070001, "Password");
    public static readonly UiText Save = new(1070003, "Save");
    public static readonly UiText VerifyCode = new(1070006, "Verify code");
    public static readonly UiText Continue = new(1070009, "Continue");
    public static readonly UiText VerificationCode = new(1070011, "Verification code");
    public static readonly UiText CodeSent = new(
        1080003,
        "An email containing a verification code has been sent to the email address you provided. If you have not received an "
            + "email, check the spelling of the address and make sure to use the address you registered with.");
    public static readonly UiText Verified = new(1080002, "You successfully verified your email address.", "success");
    public static readonly UiText CredentialsInvalid = new(
        4000006,
        "The provided credentials are invalid, check for spelling mistakes in your password or username, email address, or "
            + "phone number.",
        "error");
    public static readonly UiText DuplicateIdentifier = new(
        4000007, "An account with the same identifier (email, phone, username, ...) exists already.", "error");
    public static readonly UiText TotpInvalid = new(
        4000008, "The provided authentication code is invalid, please try again.", "error");
    public static readonly UiText NoLoginStrategy = new(
        4010002, "Could not find a strategy to log you in with. Did you fill out the form correctly?", "error");
    public static readonly UiText NoRegistrationStrategy = new(
        4010003, "Could not find a strategy to sign you up with. Did you fill out the form correctly?", "error");
    public static readonly UiText NoSettingsStrategy = new(
        4010004, "Could not find a strategy to update your settings. Did you fill out the form correctly?", "error");
    public static readonly UiText CodeInvalid = new(
        4070006, "The verification code is invalid or has already been used. Please try again.", "error");

    private static UiText Trait(string name, string title) => new(1070002, title, "info", [("name", name), ("title", title)]);

    public static UiText Invalid(string reason) => new(4000001, reason, "error", [("reason", reason)]);

    public static UiText Missing(string property) =>
        new(4000002, $"Property {property} is missing.", "error", [("property", property)]);

    public static UiText InvalidEmail(string value) => new(4000040, "Enter a valid email address", "error", [("value", value)]);

    public static UiText PasswordTooShort(int length) => new(
        4000032, string.Create(
            CultureInfo.InvariantCulture, $"The password must be at least 8 characters long, but got {length}."), "error",
        [("actual_length", length), ("min_length", 8)]);

    public static UiText TotpSecret(string secret) => new(1050006, secret, "info", [("secret", secret)]);
}
