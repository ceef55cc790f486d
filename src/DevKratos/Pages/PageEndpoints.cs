using System.Net;
using System.Text.Json;
using DevKratos.Core;

namespace DevKratos.Pages;

/// <summary>
/// The self-service pages under <c>/auth</c>. Links between pages are relative, links to Kratos are absolute, so they work behind
/// a gateway.
/// </summary>
internal sealed class PageEndpoints(KratosCore core, KratosClient kratos)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", context => Redirect(context, "/auth/welcome"));
        routes.MapGet(
            "/auth", context => Redirect(context, context.Request.Path.Value!.EndsWith('/') ? "welcome" : "auth/welcome"));
        routes.MapGet("/auth/login", context => FlowAsync(context, "login", FlowPages.LoginAsync));
        routes.MapGet("/auth/registration", context => FlowAsync(context, "registration", FlowPages.RegistrationAsync));
        routes.MapGet("/auth/settings", SettingsAsync);
        routes.MapGet("/auth/verification", VerificationAsync);
        routes.MapGet("/auth/recovery", FlowPages.NoRecoveryAsync);
        routes.MapGet("/auth/welcome", new WelcomePage(core, kratos).ShowAsync);
        routes.MapGet("/auth/error", ErrorAsync);
        routes.MapGet(
            "/auth/health/{check}",
            context => context.Response.WriteAsJsonAsync(
                "ok", PagesJson.Default.String, cancellationToken: context.RequestAborted));
    }

    /// <summary>Shows a flow; without one, or with one that is gone, sends the browser to Kratos to begin one.</summary>
    private async Task FlowAsync(HttpContext context, string kind, Func<HttpContext, JsonElement, KratosCore, Task> show)
    {
        var id = context.Request.Query["flow"].ToString();
        if (id.Length == 0)
        {
            await BeginAsync(context, kind);
            return;
        }

        var (status, flow) = await kratos.GetAsync(context, $"self-service/{kind}/flows?id={Uri.EscapeDataString(id)}");
        await (status switch
        {
            HttpStatusCode.OK => show(context, flow, core),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => BeginAsync(context, kind),
            HttpStatusCode.Forbidden => FlowPages.OtherBrowserAsync(context, core.Public($"self-service/{kind}/browser")),
            HttpStatusCode.Unauthorized => Redirect(context, core.Public("self-service/login/browser") + ReturnHere(context)),
            _ => Layout.PageAsync(
                context,
                "Not available",
                "<p role=\"alert\">Signing in does not work at the moment. Please try again in a minute.</p>",
                StatusCodes.Status503ServiceUnavailable),
        });
    }

    private async Task SettingsAsync(HttpContext context)
    {
        if (context.Request.Query["flow"].Count == 0)
        {
            var (status, _) = await kratos.GetAsync(context, "sessions/whoami");
            if (status == HttpStatusCode.Unauthorized)
            {
                await Redirect(context, core.Public("self-service/login/browser") + ReturnHere(context));
                return;
            }
        }

        await FlowAsync(context, "settings", FlowPages.SettingsAsync);
    }

    private Task VerificationAsync(HttpContext context) => context.Request.Query["flow"].Count == 0
        ? FlowPages.NoVerificationAsync(context)
        : FlowAsync(context, "verification", FlowPages.VerificationAsync);

    private async Task ErrorAsync(HttpContext context)
    {
        var id = context.Request.Query["id"].ToString();
        var (status, body) = await kratos.GetAsync(context, "self-service/errors?id=" + Uri.EscapeDataString(id));
        var error = status == HttpStatusCode.OK ? body.GetProperty("error") : default;
        var words = error.ValueKind == JsonValueKind.Object
            ? $"<p class=\"message error\" role=\"alert\">{Layout.Text(Member(error, "message"))}</p>\n"
                + $"<p>{Layout.Text(Member(error, "reason"))}</p>"
            : "<p role=\"alert\">There are no details about this error any more.</p>";
        await Layout.PageAsync(
            context, "Something went wrong", words + "\n<p><a href=\"welcome\">Back to the start</a></p>");
    }

    /// <summary>Begins a flow at Kratos with what this page was asked with.</summary>
    private Task BeginAsync(HttpContext context, string kind)
    {
        var asked = context.Request.Query
            .Where(q => q.Key is "return_to" or "aal" or "refresh")
            .Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value.ToString())}");
        var query = string.Join('&', asked);
        return Redirect(context, core.Public($"self-service/{kind}/browser") + (query.Length > 0 ? "?" + query : ""));
    }

    /// <summary>The gateway names the path as the browser sees it; without a gateway it is this request's own.</summary>
    private static string ReturnHere(HttpContext context)
    {
        var original = context.Request.Headers["X-Original-URI"].ToString();
        var here = original.StartsWith('/') ? original : context.Request.Path + context.Request.QueryString.Value;
        return "?return_to=" + Uri.EscapeDataString(here);
    }

    private static Task Redirect(HttpContext context, string location)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = location;
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    private static string? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ToString() : null;
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class PagesJson : System.Text.Json.Serialization.JsonSerializerContext;
