using Yarp.ReverseProxy.Configuration;

namespace Gateway.Traffic;

/// <summary>What a route allows in request targets, from its metadata, and the prefix it removes.</summary>
internal sealed record RouteTarget(TargetTraits Allowed, string? RemovePrefix)
{
    public const string AllowEncodedSlashes = "AllowEncodedSlashes";
    public const string AllowEmptySegments = "AllowEmptySegments";
    public const string AllowPathParameters = "AllowPathParameters";

    public static RouteTarget Of(RouteConfig route, string? removePrefix) => new(
        Flag(route, AllowEncodedSlashes, TargetTraits.EncodedSlash)
        | Flag(route, AllowEmptySegments, TargetTraits.EmptySegment)
        | Flag(route, AllowPathParameters, TargetTraits.PathParameter),
        removePrefix);

    private static TargetTraits Flag(RouteConfig route, string name, TargetTraits trait) =>
        route.Metadata is { } metadata && metadata.TryGetValue(name, out var text) && bool.TryParse(text, out var allowed) && allowed ? trait : TargetTraits.None;
}
