using Gateway.Configuration;
using Gateway.Denials;
using Gateway.Kratos;
using Gateway.Rules;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Traffic;

/// <summary>Traits of an unusual target, for <see cref="RouteTarget.Accepts"/>.</summary>
internal sealed record FoundTraits(TargetTraits Traits);

/// <summary>
/// The first look at a request, before routing: what is matched must be what is forwarded. Ambiguous targets, methods that
/// are not passed on and a missing or odd Host are refused.
/// </summary>
internal sealed class TargetGuard(RequestDelegate next, DenialResponder denials, KratosOptions kratos)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        // TRACE would reflect the identity headers that the service received.
        if (HttpMethods.IsTrace(request.Method) || HttpMethods.IsConnect(request.Method)) return denials.AnswerAsync(context, Reason.MethodNotAllowed);
        if (!IsUsableHost(request)) return denials.AnswerAsync(context, Reason.MalformedRequest);
        if (!UpgradeGuard.Admits(context)) return denials.AnswerAsync(context, Reason.MalformedRequest);

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var isUnambiguous = TargetCheck.IsUnambiguous(target, request.Path.Value, out var traits);
        if (isUnambiguous && traits is TargetTraits.None && target.AsSpan().StartsWith(request.Path.Value, StringComparison.Ordinal)) return next(context);

        if (IsKratos(target, request.Path.Value)) return denials.AnswerAsync(context, Reason.NoRoute);
        if (!isUnambiguous) return denials.AnswerAsync(context, Reason.AmbiguousTarget);
        if (traits is not TargetTraits.None) context.Features.Set(new FoundTraits(traits));
        return next(context);
    }

    /// <summary>Under Kratos' path every odd spelling is "not there": whether it would have been an admin path is nobody's business.</summary>
    private bool IsKratos(string target, string? path) =>
        kratos.Path.Length > 0
        && (PathPrefix.Covers(kratos.Path, path)
            || target.StartsWith(kratos.Path, StringComparison.OrdinalIgnoreCase) && target.Length > kratos.Path.Length && target[kratos.Path.Length] is '%' or ';' or '\\');

    /// <summary>Kestrel lets an empty Host through, which would go out as two Host lines, and ports above 65535. One trailing dot is taken off for matching.</summary>
    private static bool IsUsableHost(HttpRequest request)
    {
        var host = request.Host.Value;
        if (string.IsNullOrEmpty(host)) return request.Headers.Host.Count == 0; // HTTP/1.0 may go without
        if (host[^1] is '.')
        {
            host = host[..^1];
            if (host.Length == 0) return false;
            request.Host = new HostString(host);
        }
        var colon = host.LastIndexOf(':');
        if (colon < 0 || host[^1] is ']') return true;
        if (!ushort.TryParse(host.AsSpan(colon + 1), out var port)) return false;
        if (colon > 0 && host[colon - 1] is '.') request.Host = new HostString(host[..(colon - 1)], port);
        return true;
    }
}
