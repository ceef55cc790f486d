using System.CommandLine;
using System.Text.Json;
using Gateway.Access;
using Gateway.Hosting.Explaining;

namespace Gateway.Hosting.Commands;

/// <summary>
/// Says what becomes of a request, and why: over the configuration, or by asking a gateway that runs. Exit code 0: let through,
/// 1: it cannot say, 2: refused.
/// </summary>
internal static class ExplainCommand
{
    private const int Refused = 2;

    public static Command Create(Option<string?> config)
    {
        var options = new ExplainOptions(config);
        var command = new Command(
            "explain",
            "Says which route and rule take a request, how each condition comes out, what the service would get and what the "
                + "answer is. Exit code 0: let through, 1: a mistake, 2: refused.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, options, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ExplainOptions options, CancellationToken cancellationToken)
    {
        try
        {
            string[] args = [.. parsed.UnmatchedTokens];
            if (args is [var extra, ..] && !extra.StartsWith('-'))
                throw new ExplainException($"\"{extra}\" is too much: {ExplainOptions.Usage}.");
            var asked = await options.ReadAsync(parsed, cancellationToken);
            var explanation = await AskAsync(parsed, options, args, asked, cancellationToken);
            Console.Write(parsed.GetValue(options.Json)
                ? JsonSerializer.Serialize(explanation, ExplainJson.Default.Explanation) + Environment.NewLine
                : ExplanationText.Render(explanation));
            return explanation.Answer.Allowed ? 0 : Refused;
        }
        catch (Exception e) when (e is ConfigurationException or ExplainException)
        {
            return await Failure.SayAsync(e.Message);
        }
    }

    private static async Task<Explanation> AskAsync(
        ParseResult parsed, ExplainOptions options, string[] args, ExplainRequest asked, CancellationToken cancellationToken)
    {
        var config = parsed.GetValue(options.Config);
        var tokenFile = parsed.GetValue(options.TokenFile);
        if (options.Address(parsed) is { } address)
            return await RunningGateway.ExplainAsync(address, tokenFile, asked, cancellationToken);
        if (parsed.GetValue(options.Running))
        {
            var management = GatewayApp.Management(args, config);
            return await RunningGateway.ExplainAsync(
                management.LocalAddress, tokenFile ?? management.TokenFile, asked, cancellationToken);
        }
        if (tokenFile is not null)
            throw new ExplainException(
                "--token-file is for a gateway that runs: add --running, or --url and its management address.");
        await using var gateway = GatewayApp.BuildUnstarted(args, config);
        return await gateway.Services.GetRequiredService<ExplainCall>()(asked, cancellationToken);
    }
}
