namespace Gateway.Kratos;

internal static class KratosRegistration
{
    public static void AddKratos(this IServiceCollection services, KratosOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(sp => new KratosClient(KratosHttp.Create(), options, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PublicApiCheck>();
        services.AddSingleton<KratosReadiness>();
        services.AddSingleton<CallQueue>();
    }
}
