using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;
using Microsoft.AspNetCore.WebUtilities;

namespace DevKratos.PublicApi;

/// <summary>Every kind of answer Kratos gives, with exactly its headers.</summary>
internal sealed class Answers(KratosCore core)
{
    public static Task JsonAsync(
        HttpContext context, int status, Action<Utf8JsonWriter> write, string type = "application/json; charset=utf-8")
    {
        var body = JsonText.Of(write);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static Task OkAsync(HttpContext context, Action<Utf8JsonWriter> write) =>
        JsonAsync(context, StatusCodes.Status200OK, write);

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
        if (withType)
            context.Response.ContentType = "application/json; charset=utf-8";
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

    /// <summary>
    /// An error where a person waits: JSON for programs, else the error page, which asks for the details by id.
    /// </summary>
    public Task ForwardAsync(HttpContext context, KratosError error)
    {
        if (core.Faults.NoQueries) return ErrorAsync(context, KratosError.DatabaseGone);
        if (WantsJson(context.Request)) return ErrorAsync(context, error);
        var id = core.Store.AddError(JsonText.Element(error.WriteInner));
        return RedirectAsync(context, core.Ui($"error?id={id}"));
    }

    public Task FlowAsync(HttpContext context, int status, Flow flow, Identity? identity = null, string? continueTo = null) =>
        JsonAsync(context, status, json => core.Flows.Write(json, flow, identity, continueTo));

    /// <summary>A flow that has something to correct: shown again by its page, or as JSON 400.</summary>
    public Task RetryAsync(
        HttpContext context, Flow flow, Identity? identity = null, int redirect = StatusCodes.Status303SeeOther) =>
        flow.IsApi || WantsJson(context.Request)
            ? FlowAsync(context, StatusCodes.Status400BadRequest, flow, identity)
            : RedirectAsync(context, core.UiFlow(flow), redirect);

    /// <summary>
    /// JSON sent means JSON wanted; else <c>Accept</c> decides as in Kratos: letter by letter, and where both are as welcome HTML
    /// is the answer.
    /// </summary>
    public static bool WantsJson(HttpRequest request)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true) return true;
        var ranges = request.Headers.Accept.SelectMany(Ranges).ToList();
        return Rank(ranges, "application/json").CompareTo(Rank(ranges, "text/html")) > 0;
    }

    /// <summary>
    /// The ranges of one line, up to the first that has a parameter other than its quality: Kratos reads no further.
    /// </summary>
    private static IEnumerable<(string Range, double Quality)> Ranges(string? line)
    {
        foreach (var range in (line ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = range.Split(';', 2, StringSplitOptions.TrimEntries);
            var quality = 1.0;
            if (parts.Length > 1
                && !(parts[1].StartsWith("q=", StringComparison.Ordinal)
                    && double.TryParse(parts[1].AsSpan(2), CultureInfo.InvariantCulture, out quality)))
                yield break;
            yield return (parts[0], quality);
        }
    }

    /// <summary>How welcome a type is, and by how exact a range.</summary>
    private static (double Quality, int Precision) Rank(List<(string Range, double Quality)> ranges, string type)
    {
        string[] wanted = ["*/*", type.Split('/')[0] + "/*", type];
        return ranges.Where(r => r.Quality > 0 && wanted.Contains(r.Range))
            .Select(r => (r.Quality, Array.IndexOf(wanted, r.Range)))
            .DefaultIfEmpty()
            .Max();
    }
}
