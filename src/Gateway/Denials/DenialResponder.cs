using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Decisions;
using Gateway.Telemetry;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Denials;

/// <summary>
/// Gives every answer that the gateway gives in its own name: a redirect or a page to people, Ory's error JSON to programs.
/// </summary>
internal sealed partial class DenialResponder(LoginRedirect login, ILogger<DenialResponder> log)
{
    /// <summary>Answers the request. The response must not have started.</summary>
    public async Task AnswerAsync(HttpContext context, Reason reason)
    {
        var navigation = Navigation.Is(context.Request);
        if (navigation && LoginRedirect.Helps(reason))
        {
            if (!login.WouldLoop(context.Request))
            {
                Begin(context, reason, StatusCodes.Status302Found);
                context.Response.Headers.Location = await login.ForNavigationAsync(context, reason);
                return;
            }
            LogLoop(log, context.Request.Path.Value ?? "");
            reason = Reason.LoginLoop;
        }

        var answer = Answer.To(reason);
        Begin(context, reason, answer.Status);
        if (answer.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (answer.Status is StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer"; // RFC 9110 section 11.6.1: a 401 names a scheme
        if (navigation)
        {
            context.Response.Headers.ContentSecurityPolicy = DenialPage.ContentSecurityPolicy;
            var page = DenialPage.Render(answer, context.TraceIdentifier);
            await WriteAsync(context, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page));
            return;
        }

        var error = new DenialError(
            answer.Id,
            answer.Status,
            ReasonPhrases.GetReasonPhrase(answer.Status),
            answer.Message,
            reason.Name(),
            context.TraceIdentifier);
        var body = new DenialBody(error, LoginRedirect.Helps(reason) ? await login.ForProgramsAsync(context, reason) : null);
        await WriteAsync(context, "application/json", JsonSerializer.SerializeToUtf8Bytes(body, DenialJson.Default.DenialBody));
    }

    private static void Begin(HttpContext context, Reason reason, int status)
    {
        context.Features.Set(new Denial(reason));
        var response = context.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["X-Request-Id"] = context.TraceIdentifier;
    }

    private static Task WriteAsync(HttpContext context, string contentType, byte[] body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method)) return Task.CompletedTask;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    [LoggerMessage(EventIds.LoginLoopStopped, LogLevel.Error,
        "The login page {Path} is behind a rule that needs a session: give its route a rule with Session: None")]
    private static partial void LogLoop(ILogger logger, string path);
}
