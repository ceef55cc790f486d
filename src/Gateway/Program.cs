using System.CommandLine;
using Gateway.Hosting.Commands;

var config = new Option<string?>("--config") { Description = "The configuration file, YAML or JSON (also: GATEWAY_CONFIG)." };
var root = ServeCommand.Create(config);
root.Subcommands.Add(ValidateCommand.Create(config));
root.Subcommands.Add(KeysCommand.Create());
root.Subcommands.Add(HealthCommand.Create(config));

// The host hears SIGTERM itself and drains; the parser would end the process two seconds after it.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
