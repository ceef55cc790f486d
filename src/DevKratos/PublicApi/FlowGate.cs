using System.Globalization;
using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>
/// What stands before every submit and every retrieval of a flow: it exists, it has not expired, and it belongs to this browser.
/// </summary>
internal sealed class FlowGate(KratosCore core, Answers answers, Csrf csrf)
{
    public static void Map(IEndpointRouteBuilder routes, string kind, Func<HttpContext, bool, Task> begin, RequestDelegate show)
    {
        routes.MapRead($"/self-service/{kind}/browser", context => begin(context, false));
        routes.MapRead($"/self-service/{kind}/api", context => begin(context, true));
        routes.MapRead($"/self-service/{kind}/flows", show);
    }

    public Task ShowAsync(HttpContext context, FlowKind kind) =>
        RefuseRetrieval(context, kind, out var flow) ?? answers.FlowAsync(context, StatusCodes.Status200OK, flow);

    /// <summary>Null when the flow may be shown.</summary>
    public Task? RefuseRetrieval(HttpContext context, FlowKind kind, out Flow flow)
    {
        flow = core.Store.FindFlow(kind, context.Request.Query["id"])!;
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        if (flow is null) return Answers.ErrorAsync(context, KratosError.NotFound);
        if (csrf.CheckCookie(context, flow) is { } error) return Answers.ErrorAsync(context, error);
        return flow.ExpiresAt <= core.Now ? Answers.ErrorAsync(context, Expired(flow)) : null;
    }

    /// <summary>
    /// Runs what judges the submitted form. <paramref name="replace"/> makes the flow that takes an expired one's place.
    /// </summary>
    public Task SubmitAsync(HttpContext context, FlowKind kind, Func<Flow, Flow> replace, Func<Flow, Task> run)
    {
        var flow = core.Store.FindFlow(kind, context.Request.Query["flow"]);
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        if (!context.Request.Query.ContainsKey("flow")) return answers.ForwardAsync(context, KratosError.NoFlow);
        if (flow is null) return answers.ForwardAsync(context, KratosError.NotFound);
        if (flow.ExpiresAt <= core.Now) return RefuseExpired(context, flow, replace(flow));
        string[] telltales = ["Cookie", "Origin"];
        var telltale = Array.Find(telltales, context.Request.Headers.ContainsKey);
        if (!flow.IsApi || telltale is null) return run(flow);
        var reason = $"The HTTP Request Header included the \"{telltale}\" key, indicating that this request was made by a "
            + $"Browser. The flow however was initiated as an API request. To prevent potential misuse and mitigate several "
            + $"attack vectors including CSRF, the request has been blocked. Please consult the documentation.";
        return answers.RetryAsync(context, core.Store.Save(flow.Again(UiTexts.Invalid(reason))));
    }

    private Task RefuseExpired(HttpContext context, Flow old, Flow fresh)
    {
        var since = core.Now - old.ExpiresAt;
        var minutes = since.TotalMinutes.ToString("F2", CultureInfo.InvariantCulture);
        var kind = old.Kind.ToString().ToLowerInvariant();
        core.Store.Save(
            fresh with
            {
                Messages = [new UiText(4010001, $"The {kind} flow expired {minutes} minutes ago, please try again.", "error")]
            });
        if (!old.IsApi && !Answers.WantsJson(context.Request)) return Answers.RedirectAsync(context, core.UiFlow(fresh));
        return Answers.ErrorAsync(
            context,
            new KratosError(
                410,
                "self-service flow expired",
                $"The self-service flow expired {minutes} minutes ago, initialize a new one.",
                "self_service_flow_expired")
            {
                Extra = [("expired_at", old.ExpiresAt), ("since", since.Ticks * 100), ("use_flow_id", fresh.Id)],
            });
    }

    private KratosError Expired(Flow flow)
    {
        var kind = flow.Kind.ToString().ToLowerInvariant();
        return new KratosError(
            410, "The requested resource is no longer available because it has expired or is otherwise invalid.",
            flow.IsApi
                ? $"The {kind} flow has expired. Call the {kind} flow init API endpoint to initialize a new {kind} flow."
                : $"The {kind} flow has expired. Redirect the user to the {kind} flow init endpoint to initialize a new "
                    + $"{kind} flow.",
            "self_service_flow_expired")
        {
            Details = flow.IsApi
                ? [("api", core.Public($"self-service/{kind}/api"))]
                : [("redirect_to", core.Public($"self-service/{kind}/browser")), ("return_to", flow.ReturnTo ?? "")],
        };
    }
}
