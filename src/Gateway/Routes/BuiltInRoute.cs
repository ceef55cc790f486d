using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Routes;

/// <summary>
/// A route that the gateway brings along, anonymous, with a guard of its own between the access rule and the proxy. Its id
/// and its path are taken, whether it is published or not.
/// </summary>
/// <param name="Id">Of the route and its cluster; ids ignore case.</param>
/// <param name="Path">The prefix under which no other route may lie; empty: none.</param>
/// <param name="Meaning">What is published there and by which key, for who tries to.</param>
internal sealed record BuiltInRoute(string Id, string Path, string Meaning)
{
    /// <summary>Null: not published.</summary>
    public RouteConfig? Route { get; init; }

    public ClusterConfig? Cluster { get; init; }

    /// <summary>Puts the route's guard around the proxy.</summary>
    public required Func<IServiceProvider, RequestDelegate, RequestDelegate> Guard { get; init; }

    /// <summary>Wraps the route's transformer, where the gateway reads its answers.</summary>
    public Func<IServiceProvider, HttpTransformer, HttpTransformer> Wrap { get; init; } = (_, transformer) => transformer;

    /// <summary>Whether an address can stand behind such a route; its own check names what is wrong with it.</summary>
    public static bool IsUsable(Uri? url) => url is { IsAbsoluteUri: true, Scheme: "http" or "https" };

    public bool Is(string id) => Id.Equals(id, StringComparison.OrdinalIgnoreCase);
}
