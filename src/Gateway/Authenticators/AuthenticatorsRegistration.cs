namespace Gateway.Authenticators;

internal static class AuthenticatorsRegistration
{
    /// <summary>The index of authenticators, in the order in which they are asked: one file and one line here each.</summary>
    private static readonly Type[] InOrder =
    [
        typeof(KratosAuthenticator),
    ];

    public static void AddAuthenticators(this IServiceCollection services)
    {
        foreach (var authenticator in InOrder)
        {
            services.AddSingleton(authenticator);
            services.AddSingleton(sp => (Authenticator)sp.GetRequiredService(authenticator));
        }
        services.AddSingleton<AuthenticatorChain>();
        services.AddAuthenticationCore(options =>
            options.AddScheme<KratosAuthenticationHandler>(KratosAuthenticationHandler.Scheme, displayName: null));
        services.AddTransient<KratosAuthenticationHandler>();
    }
}
