using Gateway.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Targets;

/// <summary>
/// The second look at a target, when the route is known: what the route allows, from its metadata, and the prefix it
/// removes.
/// </summary>
internal sealed record RouteTarget(TargetTraits Allowed, string? RemovePrefix)
{
    public const string AllowEncodedSlashes = "AllowEncodedSlashes";
    public const string AllowEmptySegments = "AllowEmptySegments";
    public const string AllowPathParameters = "AllowPathParameters";

    /// <summary>Allows nothing unusual.</summary>
    public static readonly RouteTarget Plain = new(TargetTraits.EncodedSemicolon, null);

    /// <summary>
    /// Whether the route takes this target: unusual ones only where it allows them, and a prefix to remove must stand there
    /// plainly.
    /// </summary>
    public bool Accepts(HttpContext context) =>
        (context.Features[typeof(FoundTraits)] is not FoundTraits found || (found.Traits & ~Allowed) is TargetTraits.None)
        && (RemovePrefix is null
            || PathPrefix.Covers(RemovePrefix, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));

    /// <param name="isRewritten">A transform writes path or query anew, in which <c>%3B</c> becomes <c>;</c>.</param>
    public static RouteTarget Of(RouteConfig route, string? removePrefix, bool isRewritten) => new(
        Flag(route, AllowEncodedSlashes, TargetTraits.EncodedSlash)
        | Flag(route, AllowEmptySegments, TargetTraits.EmptySegment)
        | Flag(route, AllowPathParameters, TargetTraits.PathParameter | TargetTraits.EncodedSemicolon)
        | (isRewritten ? TargetTraits.None : TargetTraits.EncodedSemicolon),
        removePrefix);

    private static TargetTraits Flag(RouteConfig route, string name, TargetTraits trait) =>
        bool.TryParse(route.Metadata?.GetValueOrDefault(name), out var allowed) && allowed ? trait : TargetTraits.None;
}
