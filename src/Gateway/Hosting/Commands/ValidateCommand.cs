using System.CommandLine;

namespace Gateway.Hosting.Commands;

/// <summary>Reads the configuration as a start would, and opens nothing.</summary>
internal static class ValidateCommand
{
    public static Command Create(Option<string?> config) => Verb.Create(
        "validate", "Checks the configuration and names every mistake; exit code 0 or 1.", config, RunAsync);

    private static async Task<int> RunAsync(string[] args, string? config, CancellationToken cancellationToken)
    {
        try
        {
            var settings = GatewayApp.Check(args, config);
            var name = GatewayConfiguration.Name(GatewayConfiguration.FullPath(config));
            var (routes, clusters) = (settings.Routes.Routes.Count, settings.Routes.Clusters.Count);
            Console.WriteLine($"{name} is good: {routes} routes, {clusters} clusters.");
            return 0;
        }
        catch (ConfigurationException e)
        {
            return await Failure.SayAsync(e.Message);
        }
    }
}
