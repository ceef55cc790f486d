using System.Text.Json;
using Gateway.Access;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Management;

/// <summary>
/// What operators ask about requests, under <c>/api</c>: why one was refused, and what would become of one. Both read people's
/// data: see <see cref="ManagementGuard"/>.
/// </summary>
internal sealed class ManagementApi(RecentDenials denials, ExplainCall explain)
{
    private const string Path = "/api";

    /// <summary>A session is at most half as long.</summary>
    private const int MaxBody = 1024 * 1024;

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

    private static Task RefuseAsync(HttpContext context, int status, string id, string message) =>
        new ManagementRefusal(status, id, message).AnswerAsync(context);
}
