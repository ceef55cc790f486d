using Gateway.Forwarding.Signing;
using Gateway.Routes;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Endpoints;

/// <summary>
/// <c>/.well-known/jwks.json</c>: the public keys of the identity token, for everybody, while there are tokens. Answered
/// here: its cluster has no destination.
/// </summary>
internal static class JwksRoute
{
    private const string Path = "/.well-known/jwks.json";

    public static BuiltInRoute BuiltIn(IdentityTokenOptions options)
    {
        var path = options.IsOn ? Path : "";
        var route = new BuiltInRoute("identity-token-keys", path, "the identity token's public keys (IdentityToken:Issuer)")
        {
            Guard = static (services, _) => ActivatorUtilities.CreateInstance<JwksEndpoint>(services).InvokeAsync,
        };
        return options.IsOn ? route with { Route = Route(route.Id), Cluster = new() { ClusterId = route.Id } } : route;
    }

    private static RouteConfig Route(string id) => new()
    {
        RouteId = id,
        ClusterId = id,
        Match = new RouteMatch { Path = Path, Methods = [HttpMethods.Get] },
    };
}
