using System.CommandLine;
using Gateway.Access;
using Gateway.Hosting.Explaining;

namespace Gateway.Hosting.Commands;

/// <summary>Prints the metrics of the gateway that runs on the same machine, where nothing else reaches its listener.</summary>
internal static class MetricsCommand
{
    public static Command Create(Option<string?> config) =>
        Verb.Create("metrics", "Prints the running gateway's metrics (Management:Url).", config, RunAsync);

    private static async Task<int> RunAsync(string[] args, string? config, CancellationToken cancellationToken)
    {
        try
        {
            var management = GatewayApp.Management(args, config);
            Console.Write(await RunningGateway.AskAsync(
                management.LocalAddress,
                management.MetricsTokenFile,
                new(HttpMethod.Get, "/metrics"),
                answer => answer.ReadAsStringAsync(cancellationToken),
                cancellationToken));
            return 0;
        }
        catch (Exception e) when (e is ConfigurationException or ExplainException)
        {
            return await Failure.SayAsync(e.Message);
        }
    }
}
