using DevKratos.Core;
using DevKratos.State;

namespace DevKratos.PublicApi;

/// <summary>What every new flow has in common.</summary>
internal sealed class FlowStarts(KratosCore core, Csrf csrf)
{
    public Flow New(HttpContext context, FlowKind kind, bool isApi, string? returnTo = null)
    {
        var now = core.Now;
        var lifespan = kind is FlowKind.Login or FlowKind.Registration ? core.Options.FlowLifespan : TimeSpan.FromHours(1);
        return new Flow
        {
            Id = Guid.NewGuid(),
            Kind = kind,
            IsApi = isApi,
            IssuedAt = now,
            ExpiresAt = now + lifespan,
            RequestUrl = RequestUrl(context.Request),
            ReturnTo = string.IsNullOrEmpty(returnTo) ? null : returnTo,
            CsrfSecret = isApi ? "" : csrf.Ensure(context),
        };
    }

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
