using System.Text.Json;
using DevKratos.Core;

namespace DevKratos.Pages;

/// <summary>One method per page that shows a flow, and the pages that say what DevKratos cannot do.</summary>
internal static class FlowPages
{
    public static Task LoginAsync(HttpContext context, JsonElement flow, KratosCore core)
    {
        var secondFactor = flow.GetProperty("requested_aal").GetString() == "aal2";
        var refresh = flow.GetProperty("refresh").GetBoolean();
        var title = refresh ? "Confirm it is you" : "Sign in";
        if (secondFactor)
            title = "Second factor";
        var who = refresh && FormView.Value(flow, "identifier") is { Length: > 0 } name
            ? $"<p>Signed in as <strong>{Layout.Text(name)}</strong>.</p>\n"
            : "";
        var form = FormView.Form(flow, "default", "password", "totp");
        if (secondFactor && FormView.Form(flow, "totp").Length == 0)
        {
            var none = "<p>You have no second factor yet.</p>\n";
            return Layout.PageAsync(
                context, title, $"{none}<p><a class=\"button\" href=\"settings{ReturnTo(flow)}\">Set one up</a></p>");
        }
        var more = secondFactor || refresh ? "" : Also(flow, core, "registration", "No account yet?", "Sign up");
        return Layout.WriteAsync(
            context, title, Layout.Section(title, FormView.Messages(flow) + who + FormView.Focused(form)) + more);
    }

    public static Task RegistrationAsync(HttpContext context, JsonElement flow, KratosCore core)
    {
        var form = FormView.Form(flow, "default", "profile", "password");
        var more = Also(flow, core, "login", "Already have an account?", "Sign in");
        return Layout.WriteAsync(
            context, "Sign up", Layout.Section("Sign up", FormView.Messages(flow) + FormView.Focused(form)) + more);
    }

    public static Task SettingsAsync(HttpContext context, JsonElement flow, KratosCore core)
    {
        var content = $"<h1>Settings</h1>\n{FormView.Messages(flow)}"
            + Layout.Section("Profile", FormView.Form(flow, "profile"), level: 2)
            + Layout.Section("Password", FormView.Form(flow, "password"), level: 2)
            + Layout.Section("Authenticator app", Otpauth(flow) + FormView.Form(flow, "totp"), level: 2)
            + $"<p><a href=\"{Back(flow)}\">Back</a></p>";
        return Layout.WriteAsync(context, "Settings", content);
    }

    public static Task VerificationAsync(HttpContext context, JsonElement flow, KratosCore core)
    {
        var passed = flow.GetProperty("state").GetString() == "passed_challenge";
        var content = passed
            ? $"<p><a class=\"button\" href=\"{Back(flow)}\">Continue</a></p>"
            : FormView.Form(flow, "code") + $"<p><a href=\"{Back(flow)}\">Continue without verifying</a></p>";
        return Layout.PageAsync(context, "Verify your e-mail address", FormView.Messages(flow) + content);
    }

    public static Task NoVerificationAsync(HttpContext context) => Layout.PageAsync(
        context,
        "Verification",
        """
        <p>DevKratos sends no mail. It verifies an address only right after sign-up; an administrator can do it with the admin API.</p>
        <p><a href="welcome">Back to the start</a></p>
        """);

    public static Task NoRecoveryAsync(HttpContext context) => Layout.PageAsync(
        context,
        "Recovery",
        """
        <p>DevKratos sends no mail and so cannot recover an account. Create a new one: everything here ends with the process anyway.</p>
        <p><a href="registration">Sign up</a></p>
        """);

    public static Task OtherBrowserAsync(HttpContext context, string restart) => Layout.PageAsync(
        context,
        "Start again",
        $"""
        <p role="alert">This form was begun in another browser, or this browser does not keep cookies.</p>
        <p><a class="button" href="{Layout.Text(restart)}">Start again</a></p>
        """,
        StatusCodes.Status403Forbidden);

    /// <summary>What an authenticator app takes instead of the QR code.</summary>
    private static string Otpauth(JsonElement flow)
    {
        foreach (var node in flow.GetProperty("ui").GetProperty("nodes").EnumerateArray())
        {
            if (node.GetProperty("type").GetString() != "text") continue;
            var secret = node.GetProperty("attributes").GetProperty("text").GetProperty("text").GetString()!;
            var account = Uri.EscapeDataString(
                flow.GetProperty("identity").GetProperty("traits").GetProperty("email").GetString() ?? "");
            var uri = $"otpauth://totp/Gateway:{account}?secret={secret}&issuer=Gateway&algorithm=SHA1&digits=6&period=30";
            return $"""
                <p>Enter the secret in your authenticator app, or <a href="{Layout.Text(uri)}">open it in the app</a> on this device. Then confirm with the code that the app shows.</p>
                <details class="field"><summary>As an address</summary><code class="block" id="otpauth">{Layout.Text(uri)}</code></details>

                """;
        }

        return "<p>An authenticator app is set up for this account.</p>\n";
    }

    private static string Also(JsonElement flow, KratosCore core, string kind, string question, string link)
    {
        var address = Layout.Text(core.Public($"self-service/{kind}/browser")) + ReturnTo(flow);
        return $"<p>{Layout.Text(question)} <a href=\"{address}\">{Layout.Text(link)}</a></p>\n";
    }

    private static string ReturnTo(JsonElement flow) =>
        flow.TryGetProperty("return_to", out var target) ? "?return_to=" + Uri.EscapeDataString(target.GetString()!) : "";

    /// <summary>Kratos has checked this address when the flow began.</summary>
    private static string Back(JsonElement flow) =>
        Layout.Text(flow.TryGetProperty("return_to", out var target) ? target.GetString() : "welcome");
}
