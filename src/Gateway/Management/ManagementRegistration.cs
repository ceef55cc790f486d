namespace Gateway.Management;

internal static class ManagementRegistration
{
    public static void AddManagement(this IServiceCollection services, ManagementOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<Readiness>();
        services.AddSingleton<MetricsPage>();
        services.AddSingleton<ManagementApi>();
        services.AddSingleton<ManagementServer>();
        services.AddHostedService(sp => sp.GetRequiredService<ManagementServer>());
    }
}
