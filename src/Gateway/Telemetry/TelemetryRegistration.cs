using System.Diagnostics.Metrics;

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
        services.AddSingleton(sp => new GatewayMetrics(
            sp.GetRequiredService<IMeterFactory>(), sp.GetRequiredService<LogOutput>(), reasonNames));
    }
}
