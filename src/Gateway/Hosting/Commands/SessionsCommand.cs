using System.CommandLine;
using Gateway.Access;
using Gateway.Hosting.Explaining;
using Gateway.Management;

namespace Gateway.Hosting.Commands;

/// <summary>Has the gateway that runs on the same machine forget sessions, and tell the other replicas.</summary>
internal static class SessionsCommand
{
    private const string Usage = "Give one of the two: a session id, or --identity and an identity id";

    public static Command Create(Option<string?> config)
    {
        var session = new Argument<string?>("session") { Description = "A session id.", Arity = ArgumentArity.ZeroOrOne };
        var identity = new Option<string?>("--identity") { Description = "An identity id: all of its sessions." };
        var revoke = new Command(
            "revoke", "Has the running gateway (Management:Url) forget what it cached of a session, and tell the other replicas.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        revoke.Options.Add(config);
        revoke.Arguments.Add(session);
        revoke.Options.Add(identity);
        revoke.SetAction((parsed, cancellationToken) =>
        {
            // Beside a configuration key (--Management:Url=…) the parser takes that for the argument.
            string[] unmatched = [.. parsed.UnmatchedTokens];
            var id = parsed.GetValue(session);
            string[] args = id is ['-', ..] ? [id, .. unmatched] : unmatched;
            var given = id is ['-', ..] ? null : id;
            return RunAsync(args, parsed.GetValue(config), given, parsed.GetValue(identity), cancellationToken);
        });
        var command = new Command("sessions", "Sessions that the running gateway has cached.");
        command.Subcommands.Add(revoke);
        return command;
    }

    private static async Task<int> RunAsync(
        string[] args, string? config, string? session, string? identity, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(session) == string.IsNullOrEmpty(identity)) return await Failure.SayAsync($"{Usage}.");
        var path = session is not null
            ? $"/sessions/{Uri.EscapeDataString(session)}"
            : $"/identities/{Uri.EscapeDataString(identity!)}/sessions";
        try
        {
            var management = GatewayApp.Management(args, config);
            var revoked = await RunningGateway.AskAsync(
                management.LocalAddress,
                management.TokenFile,
                new(HttpMethod.Delete, path),
                answer => answer.ReadFromJsonAsync(ManagementJson.Default.Revoked, cancellationToken),
                cancellationToken);
            Console.WriteLine($"{revoked!.Count} cached session{(revoked.Count == 1 ? "" : "s")} dropped.");
            return 0;
        }
        catch (Exception e) when (e is ConfigurationException or ExplainException)
        {
            return await Failure.SayAsync(e.Message);
        }
    }
}
