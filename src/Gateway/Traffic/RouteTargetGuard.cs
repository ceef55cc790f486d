using Gateway.Configuration;
using Gateway.Denials;
using Gateway.Rules;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Traffic;

/// <summary>The second look, when the route is known: unusual targets only where the route allows them, and a prefix to remove must stand there plainly.</summary>
internal sealed class RouteTargetGuard(RequestDelegate next, DenialResponder denials)
{
    public Task InvokeAsync(HttpContext context)
    {
        var route = context.GetEndpoint()?.Metadata.GetMetadata<RouteTarget>();
        if (context.Features.Get<FoundTraits>() is { } found && (found.Traits & ~(route?.Allowed ?? TargetTraits.None)) is not TargetTraits.None)
            return denials.AnswerAsync(context, Reason.AmbiguousTarget);
        if (route?.RemovePrefix is { } prefix && !PathPrefix.Covers(prefix, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget))
            return denials.AnswerAsync(context, Reason.AmbiguousTarget);
        return next(context);
    }
}
