using Gateway.Hosting;

namespace Quickstart;

/// <summary>
/// One run of the command: starts the system, prints the guide, waits for Ctrl+C, and stops it again. What goes wrong is a
/// line on stderr.
/// </summary>
internal static class Launcher
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        LaunchOptions options, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (options.Problem() is { } problem) return await FailAsync(problem);
        try
        {
            await using var system = await RunningSystem.StartAsync(options, cancellationToken);
            if (!await system.IsReadyAsync(cancellationToken))
                return await FailAsync(NotReady(options.KratosUrl));
            await output.WriteLineAsync(Guide.Text(system, options));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, system.Stopping);
            await Task.Delay(Timeout.Infinite, end.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 0; // Ctrl+C is how a run ends
        }
        catch (Exception e) when (e is ConfigurationException or IOException or InvalidOperationException)
        {
            return await FailAsync(e.Message);
        }

        async Task<int> FailAsync(string line)
        {
            await error.WriteLineAsync(line);
            return 1;
        }
    }

    private static string NotReady(Uri? kratosUrl) => kratosUrl is null
        ? "DevKratos does not get ready."
        : $"Kratos at {kratosUrl} is not ready: start it, or check --kratos-public-url.";
}
