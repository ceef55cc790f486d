using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

internal static class RouteMetadata
{
    /// <summary>The route with one more text in its metadata, whose keys ignore case.</summary>
    public static RouteConfig With(this RouteConfig route, string key, string text)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (known, value) in route.Metadata ?? metadata)
            metadata[known] = value;
        metadata[key] = text;
        return route with { Metadata = metadata };
    }
}
