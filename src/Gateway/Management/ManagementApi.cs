using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Access;
using Gateway.Denials;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Management;

/// <summary>
/// What operators ask about requests, under <c>/api</c>: why one was refused, and what would become of one. Both read people's
/// data, so a token is asked for as soon as others than this machine reach the listener, and never does a web page get an answer:
/// by DNS rebinding its own name would lead here, but no address.
/// </summary>
internal sealed class ManagementApi(ManagementOptions options, RecentDenials denials, ExplainCall explain)
{
    private const string Path = "/api";
    private const string Bearer = "Bearer ";

    /// <summary>A session is at most half as long.</summary>
    private const int MaxBody = 1024 * 1024;

    /// <summary>In front of routing.</summary>
    public Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments(Path)) return next(context);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!IsAddress(context.Request.Headers.Host.ToString()))
            return RefuseAsync(context, 400, "bad_request", "Ask by an IP address or localhost: no other Host is answered here.");
        if (Refusal(context.Request) is not { } refusal) return next(context);
        return RefuseAsync(context, refusal.Status, refusal.Id, refusal.Message);
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{Path}/decisions/{{id}}", AnswerDecisionAsync);
        routes.MapPost($"{Path}/explain", AnswerExplanationAsync);
    }

    private Task AnswerDecisionAsync(HttpContext context, string id)
    {
        if (denials.Find(id) is { } denied)
            return context.Response.WriteAsJsonAsync(DecisionReport.Of(denied), ManagementJson.Default.DecisionReport);
        return RefuseAsync(
            context, 404, "not_found",
            $"No refused request has this id, or it is not kept any more: the last {RecentDenials.Capacity} are.");
    }

    private async Task AnswerExplanationAsync(HttpContext context)
    {
        // A page elsewhere cannot send this type without asking first.
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, 415, "unsupported_media_type", "Send Content-Type: application/json.");
            return;
        }
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBody;
        try
        {
            var asked = await context.Request.ReadFromJsonAsync(ExplainJson.Default.ExplainRequest, context.RequestAborted)
                ?? throw new ExplainException("The question is null: write {\"method\":\"GET\",\"url\":\"/\"}.");
            var explanation = await explain(asked, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(explanation, ExplainJson.Default.Explanation);
        }
        catch (ExplainException e)
        {
            await RefuseAsync(context, 400, "bad_request", e.Message);
        }
        catch (JsonException e)
        {
            // Its message may hold what was sent.
            var place = e.Path ?? "$";
            await RefuseAsync(
                context, 400, "bad_request", $"The question is not readable at {place}: docs/operations.md has its shape.");
        }
    }

    private (int Status, string Id, string Message)? Refusal(HttpRequest request)
    {
        const string Key = $"{ManagementOptions.Section}:{nameof(options.TokenFile)}";
        if (options.TokenFile is null && options.IsLoopback) return null;
        if (options.TokenFile is null)
            return (403, "forbidden", $"Others than this machine reach this listener, so only a token opens this: set {Key}.");
        string token;
        try
        {
            token = options.ReadToken();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            token = "";
        }
        if (token.Length == 0) return (403, "forbidden", $"The token cannot be read: look at {Key}.");
        return Presents(request, token) ? null : (401, "unauthorized", $"Send Authorization: Bearer and the text of {Key}.");
    }

    /// <summary>Compared by hash, which takes as long whatever is presented.</summary>
    private static bool Presents(HttpRequest request, string token)
    {
        if (request.Headers.Authorization is not [{ } presented]) return false;
        return presented.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(presented[Bearer.Length..].Trim()), Hash(token));

        static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>With a port or without.</summary>
    private static bool IsAddress(string host) =>
        host.Split(':')[0].Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPEndPoint.TryParse(host, out _);

    /// <summary>In the error shape of every answer of the gateway's own.</summary>
    private static Task RefuseAsync(HttpContext context, int status, string id, string message)
    {
        context.Response.StatusCode = status;
        if (status is StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        var error = new DenialError(id, status, ReasonPhrases.GetReasonPhrase(status), message, id, context.TraceIdentifier);
        return context.Response.WriteAsJsonAsync(new DenialBody(error, null), DenialJson.Default.DenialBody);
    }
}
