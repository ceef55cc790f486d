using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.Identity;

/// <summary>The gateway's identity token as an authentication scheme.</summary>
public static class GatewayIdentityExtensions
{
    /// <summary>The scheme's name.</summary>
    public const string Scheme = "GatewayIdentity";

    /// <summary>
    /// Fills <c>HttpContext.User</c> from the gateway's identity token, once its signature, issuer, audience and times are
    /// right. No token: nobody. A bad one: 401 where somebody is required.
    /// </summary>
    public static AuthenticationBuilder AddGatewayIdentity(
        this AuthenticationBuilder builder, Action<GatewayIdentityOptions> configure)
    {
        var options = new GatewayIdentityOptions();
        configure(options);
        options.Validate();
        return builder.AddJwtBearer(Scheme, bearer => Configure(bearer, options));
    }

    private static void Configure(JwtBearerOptions bearer, GatewayIdentityOptions options)
    {
        bearer.MapInboundClaims = false;
        bearer.ConfigurationManager = new GatewayKeys(options.JwksUrl!, bearer.BackchannelTimeout);
        bearer.TokenValidationParameters = new()
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = options.ClockSkew,
            NameClaimType = "sub",
            RoleClaimType = options.RoleClaim,
        };
        if (options.Header.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) return;
        bearer.Events = new()
        {
            OnMessageReceived = context =>
            {
                // Without this line the handler would go on and read Authorization.
                if (context.Request.Headers[options.Header].ToString() is { Length: > 0 } token)
                    context.Token = token;
                else
                    context.NoResult();
                return Task.CompletedTask;
            },
        };
    }
}
