namespace Gateway.RateLimits;

internal static class RateLimitsRegistration
{
    public static void AddRateLimits(this IServiceCollection services, RateLimitOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<UntrustedForwarding>();
        services.AddSingleton<RedisCounters>();
        services.AddHostedService(sp => sp.GetRequiredService<RedisCounters>());
        services.AddSingleton<ActiveRateLimits>();
        services.AddHostedService(sp => sp.GetRequiredService<ActiveRateLimits>());
        services.AddSingleton<RouteLimits>();
    }
}
