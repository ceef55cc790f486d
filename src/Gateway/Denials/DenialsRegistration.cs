namespace Gateway.Denials;

internal static class DenialsRegistration
{
    public static void AddDenials(this IServiceCollection services, LoginOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<LoginPages>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<LoginRedirect>();
        services.AddSingleton<DenialResponder>();
    }
}
