using System.Globalization;
using System.Net;
using System.Text.Json;
using DevKratos.Core;

namespace DevKratos.Pages;

/// <summary>Who is signed in, and where to go from here.</summary>
internal sealed class WelcomePage(KratosCore core, KratosClient kratos)
{
    public async Task ShowAsync(HttpContext context)
    {
        var (status, session) = await kratos.GetAsync(context, "sessions/whoami");
        await (status switch
        {
            HttpStatusCode.OK => SignedInAsync(context, session),
            HttpStatusCode.Forbidden => Layout.WriteAsync(
                context,
                "Welcome",
                Layout.Section(
                    "One more step",
                    $"<p>Your account asks for a second factor.</p>\n<p><a class=\"button\" "
                        + $"href=\"{Login("?aal=aal2")}\">Continue</a></p>")),
            HttpStatusCode.Unauthorized => NobodyAsync(context),
            _ => Layout.PageAsync(
                context,
                "Welcome",
                "<p role=\"alert\">Nobody can tell who you are at the moment. Please try again in a minute.</p>",
                StatusCodes.Status503ServiceUnavailable),
        });
    }

    private async Task SignedInAsync(HttpContext context, JsonElement session)
    {
        var (status, logout) = await kratos.GetAsync(context, "self-service/logout/browser");
        var logoutUrl = status == HttpStatusCode.OK ? logout.GetProperty("logout_url").GetString() : null;
        var identity = session.GetProperty("identity");
        var email = identity.GetProperty("traits").GetProperty("email").GetString();
        var verified = identity.GetProperty("verifiable_addresses")
            .EnumerateArray()
            .Any(a => a.GetProperty("verified").GetBoolean());
        var aal = session.GetProperty("authenticator_assurance_level").GetString();
        var methods = string.Join(
            ", ",
            session.GetProperty("authentication_methods")
                .EnumerateArray()
                .Select(m => m.GetProperty("method").GetString())
                .Distinct());
        var here = Uri.EscapeDataString(core.Ui("welcome"));

        var facts = $"""
            <p>You are signed in as <strong id="identity">{Layout.Text(email)}</strong>.</p>
            <dl>
            <dt>E-mail address</dt><dd>{(verified ? "verified" : "not verified")}</dd>
            <dt>Assurance level</dt><dd id="aal">{Layout.Text(aal)}</dd>
            <dt>Signed in with</dt><dd>{Layout.Text(methods)}</dd>
            <dt>Until</dt><dd>{session.GetProperty("expires_at").GetDateTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}</dd>
            </dl>

            """;
        var links = $"""
            <nav aria-label="What to try"><ul>
            {string.Join("\n", core.WelcomeLinks.Select(Item))}
            </ul></nav>
            """;
        var account = $"""
            <nav aria-label="Your account"><ul>
            <li><a href="settings">Settings</a></li>
            <li><a href="{Login("?refresh=true&return_to=" + here)}">Sign in again</a></li>
            {(aal == "aal1" ? $"<li><a href=\"{Login("?aal=aal2&return_to=" + here)}\">Use the second factor</a></li>" : "")}
            {(logoutUrl is null ? "" : $"<li><a id=\"logout\" href=\"{Layout.Text(logoutUrl)}\">Sign out</a></li>")}
            </ul></nav>
            """;
        await Layout.WriteAsync(
            context,
            "Welcome",
            Layout.Section("Welcome", facts) + Layout.Section(
                "What to try", links, level: 2) + Layout.Section("Your account", account, level: 2));
    }

    private Task NobodyAsync(HttpContext context) => Layout.WriteAsync(context, "Welcome", Layout.Section(
        "Welcome",
        $"""
        <p>You are not signed in.</p>
        <p class="actions"><a class="button" href="{Login("")}">Sign in</a> <a class="button quiet" href="{Layout.Text(core.Public("self-service/registration/browser"))}">Sign up</a></p>
        {FirstLink()}
        """));

    private string FirstLink() => core.WelcomeLinks is [var first, ..]
        ? $"<p>Or open {Anchor(first)}: the gateway sends you here to sign in, and back.</p>"
        : "";

    private static string Item(WelcomeLink link)
    {
        var what = link.What is { } text ? $": {Layout.Text(text)}" : "";
        return $"<li>{Anchor(link)}{what}</li>";
    }

    /// <summary>The page stands one step below the gateway's root.</summary>
    private static string Anchor(WelcomeLink link) =>
        $"<a href=\"..{Layout.Text(link.Path)}\">{Layout.Text(link.Path)}</a>";

    private string Login(string query) => Layout.Text(core.Public("self-service/login/browser") + query);
}
