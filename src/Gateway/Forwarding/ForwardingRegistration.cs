using Gateway.Forwarding.Mutators;
using Gateway.Forwarding.Signing;
using Gateway.Sessions;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Forwarding;

internal static class ForwardingRegistration
{
    public static void AddForwarding(this IServiceCollection services, ForwardingOptions options, TokenIssuer? tokens)
    {
        services.AddSingleton(options);
        services.AddSingleton(sp => new TokenIssuers(tokens, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IConfigChangeListener>(sp => sp.GetRequiredService<TokenIssuers>());
        services.AddSingleton<TokenSigner>();
        services.AddSingleton<HeaderValueReader>(new IdentityHeadersMutator(options).Render);
    }
}
