using System.CommandLine;

namespace Gateway.Hosting.Commands;

/// <summary>
/// What the program does without a verb. Mistakes of the configuration and an address that is taken are lines a person can
/// act on; whatever else fails ends the process with its stack trace.
/// </summary>
internal static class ServeCommand
{
    public static RootCommand Create(Option<string?> config)
    {
        var command = new RootCommand(
            "Identity-aware reverse proxy for Ory Kratos. Without a verb it serves; any other option sets a configuration key, "
            + "such as --Kratos:PublicUrl http://kratos:4433.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Options.Add(config);
        command.SetAction((parsed, _) => RunAsync([.. parsed.UnmatchedTokens], parsed.GetValue(config)));
        return command;
    }

    private static async Task<int> RunAsync(string[] args, string? config)
    {
        if (args is [var verb, ..] && verb is [not ('-' or '/'), ..] && !verb.Contains('=', StringComparison.Ordinal))
            return await Failure.SayAsync($"There is no verb {verb}. --help names them.");
        try
        {
            await using var app = GatewayApp.Build(args, config);
            await app.RunAsync();
            return 0;
        }
        catch (ConfigurationException e)
        {
            return await Failure.SayAsync(e.Message);
        }
        catch (IOException e) when (e.Message.StartsWith("Failed to bind", StringComparison.Ordinal))
        {
            return await Failure.SayAsync(
                $"{e.Message} Stop the program that uses it, or choose another with Urls or Management:Url.");
        }
    }
}
