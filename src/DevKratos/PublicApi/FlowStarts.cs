using DevKratos.Core;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.PublicApi;

/// <summary>What every new flow has in common.</summary>
internal sealed class FlowStarts(KratosCore core, Answers answers, Csrf csrf, ReturnTo returnTo)
{
    /// <summary>Null when a flow may begin and end where <c>return_to</c> says.</summary>
    public Task? Refuse(HttpContext context, bool isApi)
    {
        if (core.Faults.NoQueries) return Answers.ErrorAsync(context, KratosError.DatabaseGone);
        return returnTo.Check(Target(context)) is { } forbidden ? RefuseAsync(context, isApi, forbidden) : null;
    }

    public Task RefuseAsync(HttpContext context, bool isApi, KratosError error) =>
        isApi ? Answers.ErrorAsync(context, error) : answers.ForwardAsync(context, error);

    /// <summary>For somebody who is signed in: programs are told, browsers go straight on.</summary>
    public Task SkipAsync(HttpContext context, bool isApi, KratosError told) => isApi || Answers.WantsJson(context.Request)
        ? Answers.ErrorAsync(context, told)
        : Answers.RedirectAsync(context, returnTo.Resolve(Target(context)));

    public Task ShowAsync(HttpContext context, Flow flow, Identity? identity = null)
    {
        core.Store.Save(flow);
        return flow.IsApi || Answers.WantsJson(context.Request)
            ? answers.FlowAsync(context, StatusCodes.Status200OK, flow, identity)
            : Answers.RedirectAsync(context, core.UiFlow(flow));
    }

    /// <summary>In the place of one that has expired, for the same end.</summary>
    public Flow Anew(HttpContext context, Flow old) => New(context, old.Kind, old.IsApi, old.ReturnTo);

    public Flow New(HttpContext context, FlowKind kind, bool isApi) => New(context, kind, isApi, Target(context));

    public Flow New(HttpContext context, FlowKind kind, bool isApi, string? target)
    {
        var now = core.Now;
        var lifespan = kind is FlowKind.Login or FlowKind.Registration ? TimeSpan.FromMinutes(10) : TimeSpan.FromHours(1);
        return new Flow
        {
            Id = Guid.NewGuid(),
            Kind = kind,
            IsApi = isApi,
            IssuedAt = now,
            ExpiresAt = now + lifespan,
            RequestUrl = RequestUrl(context.Request),
            ReturnTo = string.IsNullOrEmpty(target) ? null : target,
            CsrfSecret = isApi ? "" : csrf.Ensure(context),
        };
    }

    private static string Target(HttpContext context) => context.Request.Query["return_to"].ToString();

    public static bool IsTrue(string? value) => value is "true" or "1";

    /// <summary>Kratos believes both forwarding headers from anyone; they only show in this one text.</summary>
    private static string RequestUrl(HttpRequest request)
    {
        var scheme = request.Headers["X-Forwarded-Proto"].ToString() is { Length: > 0 } proto ? proto : request.Scheme;
        var forwardedHost = request.Headers["X-Forwarded-Host"].ToString();
        var host = forwardedHost.Length > 0 ? forwardedHost : request.Headers.Host.ToString();
        return $"{scheme}://{host}{request.Path}{request.QueryString}";
    }
}
