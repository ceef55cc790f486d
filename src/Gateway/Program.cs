using System.CommandLine;
using Gateway.Hosting;

var config = new Option<string?>("--config") { Description = "The configuration file, YAML or JSON (also: GATEWAY_CONFIG)." };
var root = new RootCommand(
    "Identity-aware reverse proxy for Ory Kratos. Without a verb it serves; any other option sets a configuration key, "
    + "such as --Kratos:PublicUrl http://kratos:4433.")
{
    TreatUnmatchedTokensAsErrors = false,
};
root.Options.Add(config);
root.SetAction((parsed, _) => Commands.ServeAsync([.. parsed.UnmatchedTokens], parsed.GetValue(config)));

var validate = new Command("validate", "Checks the configuration and names every mistake; exit code 0 or 1.")
{
    TreatUnmatchedTokensAsErrors = false,
};
validate.Options.Add(config);
validate.SetAction(parsed => Commands.Validate([.. parsed.UnmatchedTokens], parsed.GetValue(config)));
root.Subcommands.Add(validate);

var health = new Command(
    "health", "Asks the running gateway's readiness (Management:Url); exit code 0 or 1. For container health checks.")
{
    TreatUnmatchedTokensAsErrors = false,
};
health.Options.Add(config);
health.SetAction((parsed, cancellationToken) =>
    Commands.HealthAsync([.. parsed.UnmatchedTokens], parsed.GetValue(config), cancellationToken));
root.Subcommands.Add(health);

// The host hears SIGTERM itself and drains; the parser would end the process two seconds after it.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
