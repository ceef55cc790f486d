using System.CommandLine;
using System.CommandLine.Invocation;
using Gateway.Hosting.Commands;

var config = new Option<string?>("--config") { Description = "The configuration file, YAML or JSON (also: GATEWAY_CONFIG)." };
var root = ServeCommand.Create(config);
root.Subcommands.Add(ValidateCommand.Create(config));
root.Subcommands.Add(ExplainCommand.Create(config));
root.Subcommands.Add(KeysCommand.Create());
root.Subcommands.Add(HealthCommand.Create(config));
root.Subcommands.Add(MetricsCommand.Create(config));
root.Subcommands.Add(SessionsCommand.Create(config));

var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction mistake)
    mistake.ShowHelp = false; // the line that names the mistake is enough

// The host hears SIGTERM itself and drains; the parser would end the process two seconds after it.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
