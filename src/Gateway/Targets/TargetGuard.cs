using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Kratos;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Targets;

/// <summary>Traits of an unusual target, for <see cref="RouteTarget.Accepts"/>.</summary>
internal sealed record FoundTraits(TargetTraits Traits);

/// <summary>
/// The first look at a request, before routing: what is matched must be what is forwarded. Ambiguous targets, methods that
/// are not passed on and a missing or odd Host are refused.
/// </summary>
internal sealed class TargetGuard(RequestDelegate next, KratosOptions kratos)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        // TRACE would reflect the identity headers that the service received.
        if (HttpMethods.IsTrace(request.Method) || HttpMethods.IsConnect(request.Method))
            return context.DenyAsync(Reason.MethodNotAllowed);
        if (!IsUsableHost(request)) return context.DenyAsync(Reason.MalformedRequest);
        if (!UpgradeGuard.Admits(context)) return context.DenyAsync(Reason.MalformedRequest);

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var isUnambiguous = TargetCheck.IsUnambiguous(target, request.Path.Value, out var traits);
        var isPlain = isUnambiguous && traits is TargetTraits.None;
        if (isPlain && target.AsSpan().StartsWith(request.Path.Value, StringComparison.Ordinal)) return next(context);

        if (IsKratos(target, request.Path.Value)) return context.DenyAsync(Reason.NoRoute);
        if (!isUnambiguous) return context.DenyAsync(Reason.AmbiguousTarget);
        if (traits is not TargetTraits.None)
            context.Features.Set(new FoundTraits(traits));
        return next(context);
    }

    /// <summary>
    /// Under Kratos' path every odd spelling is "not there": whether it would have been an admin path is nobody's business.
    /// </summary>
    private bool IsKratos(string target, string? path) =>
        kratos.Path.Length > 0
        && (PathPrefix.Covers(kratos.Path, path)
            || target.StartsWith(kratos.Path, StringComparison.OrdinalIgnoreCase)
            && target.Length > kratos.Path.Length
            && target[kratos.Path.Length] is '%' or ';' or '\\');

    /// <summary>
    /// Kestrel lets an empty Host through, which would go out as two Host lines, and names that there cannot be. One trailing
    /// dot is taken off for matching. The header is read and not <c>Request.Host</c>, which decodes punycode, and throws where
    /// it cannot.
    /// </summary>
    private static bool IsUsableHost(HttpRequest request)
    {
        var header = request.Headers.Host;
        if (header.Count == 0) return HttpProtocol.IsHttp10(request.Protocol); // may go without
        if (header is not [{ Length: > 0 } host] || HostName.Usable(host) is not { } usable) return false;
        if (usable.Length < host.Length)
            request.Headers.Host = usable;
        return true;
    }
}
