namespace Gateway.Hosting;

/// <summary>
/// What the command line can do. Mistakes of the configuration, an address that is taken and a gateway that does not answer
/// are lines a person can act on; whatever else fails ends the process with its stack trace.
/// </summary>
internal static class Commands
{
    public static async Task<int> ServeAsync(string[] args, string? config)
    {
        if (args is [var verb, ..] && verb is [not ('-' or '/'), ..] && !verb.Contains('=', StringComparison.Ordinal))
            return await FailAsync($"There is no verb {verb}. --help names them.");
        try
        {
            await using var app = GatewayApp.Build(args, config);
            await app.RunAsync();
            return 0;
        }
        catch (ConfigurationException e)
        {
            return await FailAsync(e.Message);
        }
        catch (IOException e) when (e.Message.StartsWith("Failed to bind", StringComparison.Ordinal))
        {
            return await FailAsync($"{e.Message} Stop the program that uses it, or choose another with Urls or Management:Url.");
        }
    }

    public static int Validate(string[] args, string? config)
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
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    public static async Task<int> HealthAsync(string[] args, string? config, CancellationToken cancellationToken)
    {
        try
        {
            var url = GatewayApp.ManagementUrl(args, config);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(3) };
            using var answer = await http.GetAsync(new Uri(url, "/health/ready"), cancellationToken);
            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            if (answer.IsSuccessStatusCode) return 0;
            return await FailAsync(body);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return await FailAsync($"The management listener does not answer: {e.Message}");
        }
    }

    private static async Task<int> FailAsync(string message)
    {
        // A program that has failed must end, also where nobody reads what it says.
        await Task.WhenAny(Task.Run(() => Console.Error.WriteLine(message)), Task.Delay(TimeSpan.FromSeconds(2)));
        return 1;
    }
}
