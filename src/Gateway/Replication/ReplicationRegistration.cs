namespace Gateway.Replication;

internal static class ReplicationRegistration
{
    public static void AddReplication(this IServiceCollection services, ReplicationOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<RevocationRelay>();
        if (!options.Enabled) return;
        services.AddHostedService(sp => sp.GetRequiredService<RevocationRelay>());
    }
}
