using System.CommandLine;

namespace Gateway.Hosting.Commands;

/// <summary>Runs a verb over the configuration that the arguments and the file make; returns the exit code.</summary>
internal delegate Task<int> VerbAction(string[] args, string? config, CancellationToken cancellationToken);

internal static class Verb
{
    /// <summary>A verb whose other options set configuration keys, as those of a start do.</summary>
    public static Command Create(string name, string description, Option<string?> config, VerbAction run)
    {
        var command = new Command(name, description) { TreatUnmatchedTokensAsErrors = false };
        command.Options.Add(config);
        command.SetAction((parsed, cancellationToken) =>
            run([.. parsed.UnmatchedTokens], parsed.GetValue(config), cancellationToken));
        return command;
    }
}
