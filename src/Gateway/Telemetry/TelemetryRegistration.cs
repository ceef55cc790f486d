namespace Gateway.Telemetry;

internal static class TelemetryRegistration
{
    /// <param name="reasonNames">The label of each reason for which access is denied, by its number.</param>
    public static void AddTelemetry(
        this IServiceCollection services, AccessLogOptions options, IReadOnlyList<string> reasonNames)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => new LogOutput(Console.OpenStandardOutput(), Console.OpenStandardError()));
        services.AddSingleton<AccessLog>();
        services.AddSingleton(_ => new RequestMetrics(reasonNames));
        services.AddMetricWriter(sp => sp.GetRequiredService<RequestMetrics>().Write);
        services.AddMetricWriter(sp => sp.GetRequiredService<LogOutput>().WriteMetrics);
    }

    /// <summary>Adds metrics to <c>/metrics</c>.</summary>
    public static void AddMetricWriter(this IServiceCollection services, Func<IServiceProvider, MetricWriter> writer) =>
        services.AddSingleton<MetricWriter>(writer);
}
