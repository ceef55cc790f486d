using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Traffic.Cors;

/// <summary>
/// A route's CORS policy, compiled once and carried in the endpoint's metadata, as its rule is. None: the service answers
/// CORS, or nobody.
/// </summary>
internal sealed class RouteCors
{
    /// <summary>The metadata key under which a route carries its policy; a user's own metadata cannot set it.</summary>
    public const string TextKey = "Gateway.CorsPolicy";
    public const string NameKey = "Gateway.CorsPolicy.Name";

    private static readonly string[] Headers =
    [
        HeaderNames.AccessControlAllowOrigin,
        HeaderNames.AccessControlAllowCredentials,
        HeaderNames.AccessControlAllowMethods,
        HeaderNames.AccessControlAllowHeaders,
        HeaderNames.AccessControlExposeHeaders,
        HeaderNames.AccessControlMaxAge,
        "Access-Control-Allow-Private-Network",
    ];

    private readonly bool _isForAll;

    private RouteCors(string name, CorsPolicy policy) =>
        (Name, Policy, _isForAll) = (name, Task.FromResult<CorsPolicy?>(policy), policy.AllowAnyOrigin);

    /// <summary>As it is configured, or <c>disable</c>.</summary>
    public string Name { get; }

    /// <summary>As the framework's <see cref="ICorsPolicyProvider"/> hands it out.</summary>
    public Task<CorsPolicy?> Policy { get; }

    public static RouteCors? Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteCors>();

    public static RouteCors? Of(RouteConfig route)
    {
        if (route.Metadata?.GetValueOrDefault(TextKey) is not { } text) return null;
        return new(route.Metadata[NameKey], CorsPolicySettings.Parse(text).Compile());
    }

    /// <summary>Puts the route's policy, if it has one, on its endpoint.</summary>
    public static void AddTo(EndpointBuilder endpoint, RouteConfig route)
    {
        if (Of(route) is { } cors)
            endpoint.Metadata.Add(cors);
    }

    /// <summary>Whether pages of this origin may read the answer, as the framework's middleware sees it.</summary>
    public async Task<bool> AllowsAsync(string origin) => _isForAll || (await Policy)!.IsOriginAllowed(origin);

    /// <summary>Takes out what the service says, so that nothing is said twice or beyond the policy.</summary>
    public void Replace(IHeaderDictionary answer)
    {
        foreach (var name in Headers)
            answer.Remove(name);
        AddVary(answer);
    }

    /// <summary>A cache must not give one origin's answer to another (Fetch standard, CORS protocol and HTTP caches).</summary>
    public void AddVary(IHeaderDictionary answer)
    {
        if (!_isForAll && !Names(answer.Vary, HeaderNames.Origin))
            answer.Append(HeaderNames.Vary, HeaderNames.Origin);
    }

    private static bool Names(StringValues vary, string header)
    {
        foreach (var line in vary)
            foreach (var part in line.AsSpan().Split(','))
            {
                var name = line.AsSpan()[part].Trim();
                if (name is "*" || name.Equals(header, StringComparison.OrdinalIgnoreCase)) return true;
            }
        return false;
    }
}
