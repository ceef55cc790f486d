namespace Gateway.Identity;

/// <summary>What a service believes of the gateway's identity token.</summary>
public sealed class GatewayIdentityOptions
{
    /// <summary>The gateway's <c>IdentityToken:Issuer</c>. Required.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>This service's name in the rule's <c>IdentityToken: { Audience: … }</c>. Required.</summary>
    public string Audience { get; set; } = "";

    /// <summary>
    /// Where the gateway publishes its public keys, such as <c>http://gateway:8000/.well-known/jwks.json</c>. Required.
    /// </summary>
    public Uri? JwksUrl { get; set; }

    /// <summary>
    /// The gateway's <c>IdentityToken:Header</c>. In <c>Authorization</c> the token stands behind <c>Bearer</c>.
    /// </summary>
    public string Header { get; set; } = "X-Identity-Token";

    /// <summary>The claim whose values are roles (<c>IsInRole</c>, <c>RequireRole</c>).</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>How far the clocks of gateway and service may be apart.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <exception cref="InvalidOperationException">Something required is missing.</exception>
    internal void Validate()
    {
        if (Issuer.Length == 0 || Audience.Length == 0 || JwksUrl is not { IsAbsoluteUri: true })
            throw new InvalidOperationException("The gateway's identity token needs Issuer, Audience and JwksUrl.");
    }
}
