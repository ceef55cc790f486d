using System.Collections.Frozen;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Forwarding;

/// <summary>How one route forwards, read once from its configuration.</summary>
/// <param name="RemovePrefix">Prefix taken off the raw target, on a segment border; null: none.</param>
/// <param name="KeepHost">Whether the service sees the client's Host (YARP's <c>RequestHeaderOriginalHost</c>).</param>
/// <param name="KeepCredentials">Whether the session cookie and token reach the service.</param>
/// <param name="TellOriginalUri">Whether the service is told the path as the browser sees it, in <c>X-Original-URI</c>.</param>
/// <param name="ChangesTarget">Whether a YARP transform computes path or query, so that the raw target is not used.</param>
/// <param name="OtherTransforms">YARP transforms beyond those above.</param>
internal sealed record RouteForwarding(
    string? RemovePrefix,
    bool KeepHost,
    bool KeepCredentials,
    bool TellOriginalUri,
    bool ChangesTarget,
    IReadOnlyList<IReadOnlyDictionary<string, string>> OtherTransforms)
{
    public const string ForwardSessionCookie = "ForwardSessionCookie";
    public const string SharedCaching = "AllowSharedCaching";
    public const string OriginalUri = "OriginalUri";

    /// <summary>The route's id.</summary>
    public string Id { get; private init; } = "";

    /// <summary>Whether a cache that serves many people may keep answers to a known caller, when the service says so.</summary>
    public bool AllowSharedCaching { get; private init; }

    /// <summary>The headers that the route is chosen by; null: none.</summary>
    public FrozenSet<string>? MatchedHeaders { get; private init; }

    private static readonly string[] TargetTransforms =
        ["PathPrefix", "PathSet", "PathPattern", "QueryValueParameter", "QueryRouteParameter", "QueryRemoveParameter"];

    public static RouteForwarding Of(RouteConfig route, bool keepCredentialsByDefault)
    {
        var transforms = route.Transforms ?? [];
        var changesTarget = transforms.Any(t => TargetTransforms.Any(t.ContainsKey));
        string? prefix = null;
        var keepHost = false;
        var others = new List<IReadOnlyDictionary<string, string>>();
        foreach (var transform in transforms)
        {
            if (!changesTarget && prefix is null && OnlyValue(transform, "PathRemovePrefix") is { } removed)
                prefix = removed.Trim('/');
            else if (bool.TryParse(OnlyValue(transform, "RequestHeaderOriginalHost"), out var keep))
                keepHost = keep;
            else
                others.Add(transform);
        }

        return new(
            string.IsNullOrEmpty(prefix) ? null : "/" + prefix, // YARP, too, adds a slash that was left out
            keepHost,
            Flag(route, ForwardSessionCookie) ?? keepCredentialsByDefault,
            Flag(route, OriginalUri) ?? false,
            changesTarget,
            others)
        {
            Id = route.RouteId,
            AllowSharedCaching = Flag(route, SharedCaching) ?? false,
            MatchedHeaders = route.Match.Headers is { Count: > 0 } matched
                ? matched.Select(header => header.Name).ToFrozenSet(HeaderAliases.Comparer)
                : null,
        };
    }

    /// <summary>The value of a transform that is this one key and nothing else, or null.</summary>
    private static string? OnlyValue(IReadOnlyDictionary<string, string> transform, string key) =>
        transform.Count == 1 ? transform.GetValueOrDefault(key) : null;

    private static bool? Flag(RouteConfig route, string name) =>
        bool.TryParse(route.Metadata?.GetValueOrDefault(name), out var flag) ? flag : null;
}
