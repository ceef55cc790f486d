namespace Quickstart;

/// <summary>
/// What WorldService has to know to verify the gateway's identity token, read from the gateway's configuration: the audience of
/// the first rule through which a route leads to the cluster <c>world</c>.
/// </summary>
internal static class WorldIdentity
{
    private const string Cluster = "world";

    /// <summary>WorldService's arguments; none: it gets no token, and believes the identity headers.</summary>
    public static string[] Arguments(IConfiguration gateway, Uri origin)
    {
        var token = gateway.GetSection("IdentityToken");
        if (string.IsNullOrEmpty(token["Issuer"]) || Audience(gateway) is not { } audience) return [];
        string[] required =
        [
            $"--GatewayIdentity:Issuer={token["Issuer"]}",
            $"--GatewayIdentity:Audience={audience}",
            $"--GatewayIdentity:JwksUrl={new Uri(origin, "/.well-known/jwks.json")}",
        ];
        return token["Header"] is { Length: > 0 } header ? [.. required, $"--GatewayIdentity:Header={header}"] : required;
    }

    private static string? Audience(IConfiguration gateway) => gateway.GetSection("ReverseProxy:Routes").GetChildren()
        .Where(route => Cluster.Equals(route["ClusterId"], StringComparison.OrdinalIgnoreCase))
        .SelectMany(route => gateway.GetSection($"AccessRules:{route["AuthorizationPolicy"]}:Mutators").GetChildren())
        .Select(mutator => mutator.GetSection("IdentityToken:Audience"))
        .Select(audience => audience.Value ?? audience["0"])
        .FirstOrDefault(audience => audience is not null);
}
