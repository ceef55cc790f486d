using Gateway.Forwarding.Mutators;
using Gateway.Sessions;

namespace Gateway.Forwarding;

internal static class ForwardingRegistration
{
    public static void AddForwarding(this IServiceCollection services, ForwardingOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<HeaderValueReader>(new IdentityHeadersMutator(options).Render);
    }
}
