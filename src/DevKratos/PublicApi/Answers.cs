using System.Text.Encodings.Web;
using System.Text.Json;
using DevKratos.State;
using DevKratos.Wire;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace DevKratos.PublicApi;

/// <summary>Every kind of answer Kratos gives, with exactly its headers.</summary>
internal sealed class Answers(KratosCore core)
{
    public static Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write, string type = "application/json; charset=utf-8")
    {
        var body = JsonText.Of(write);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static Task ErrorAsync(HttpContext context, KratosError error)
    {
        context.Response.Headers["Ory-Error-Id"] = error.Id ?? "";
        return JsonAsync(context, error.HttpStatus ?? error.Code, error.Write, "application/json");
    }

    public static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = text.Length + 1;
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }

    public static Task NoContentAsync(HttpContext context, bool withType = false)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        if (withType) context.Response.ContentType = "application/json; charset=utf-8";
        return Task.CompletedTask;
    }

    /// <summary>Go's redirect: a GET also gets a line of HTML.</summary>
    public static Task RedirectAsync(HttpContext context, string url, int status = StatusCodes.Status303SeeOther)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = url;
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.ContentLength = 0;
            return Task.CompletedTask;
        }

        var body = $"<a href=\"{HtmlEncoder.Default.Encode(url)}\">{ReasonPhrases.GetReasonPhrase(status)}</a>.\n\n";
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>An error where a person waits: JSON for programs, else the error page, which asks for the details by id.</summary>
    public Task ForwardAsync(HttpContext context, KratosError error)
    {
        if (core.Faults.DatabaseDown) return ErrorAsync(context, KratosError.DatabaseGone);
        if (WantsJson(context.Request)) return ErrorAsync(context, error);
        var id = core.Store.AddError(JsonText.Element(error.WriteInner));
        return RedirectAsync(context, core.Ui($"error?id={id}"));
    }

    public Task FlowAsync(HttpContext context, int status, Flow flow, Identity? identity = null, string? continueTo = null) =>
        JsonAsync(context, status, json => core.Flows.Write(json, flow, identity, continueTo));

    /// <summary>A flow that has something to correct: shown again by its page, or as JSON 400.</summary>
    public Task RetryAsync(HttpContext context, Flow flow, Identity? identity = null, int redirect = StatusCodes.Status303SeeOther) =>
        flow.IsApi || WantsJson(context.Request)
            ? FlowAsync(context, StatusCodes.Status400BadRequest, flow, identity)
            : RedirectAsync(context, core.UiFlow(flow), redirect);

    /// <summary>JSON sent means JSON wanted; else <c>Accept</c> decides, and a tie between wildcards is HTML.</summary>
    public static bool WantsJson(HttpRequest request)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true) return true;
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)) return false;
        var ranges = accepted.ToList();
        var (json, html) = (Rank(ranges, "application", "json"), Rank(ranges, "text", "html"));
        return json.CompareTo(html) > 0 && json.Quality > 0;
    }

    private static (double Quality, int Precision, int Earliness) Rank(List<MediaTypeHeaderValue> ranges, string type, string subtype)
    {
        (double, int, int) best = (0, 0, -1);
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            int precision;
            if (range.MatchesAllTypes) precision = 0;
            else if (range.Type.Equals(type, StringComparison.OrdinalIgnoreCase) && range.MatchesAllSubTypes) precision = 1;
            else if (range.MediaType.Equals($"{type}/{subtype}", StringComparison.OrdinalIgnoreCase)) precision = 2;
            else continue;
            var rank = (range.Quality ?? 1, precision, precision == 0 ? 0 : ranges.Count - i);
            if (rank.CompareTo(best) > 0) best = rank;
        }

        return best;
    }
}
