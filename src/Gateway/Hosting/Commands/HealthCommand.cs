using System.CommandLine;

namespace Gateway.Hosting.Commands;

/// <summary>
/// Asks a gateway on the same machine whether it is ready, within three seconds. Of the configuration it needs the management
/// listener's address and looks at nothing else: a file saved with mistakes does not make the one that runs unhealthy.
/// </summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public static Command Create(Option<string?> config) => Verb.Create(
        "health",
        "Asks the running gateway's readiness (Management:Url); exit code 0 or 1. For container health checks.",
        config,
        RunAsync);

    private static async Task<int> RunAsync(string[] args, string? config, CancellationToken cancellationToken)
    {
        try
        {
            var url = GatewayApp.Management(args, config).LocalAddress;
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Limit };
            using var answer = await http.GetAsync(new Uri(url, "/health/ready"), cancellationToken);
            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? 0 : await Failure.SayAsync(body);
        }
        catch (ConfigurationException e)
        {
            return await Failure.SayAsync(e.Message);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return await Failure.SayAsync($"The management listener does not answer: {e.Message}");
        }
    }
}
