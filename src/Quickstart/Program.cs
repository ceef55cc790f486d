using System.CommandLine;
using Quickstart;

Option<int> Port(string flag, int port, string what) => new(flag)
{
    Description = $"Port of {what}; 0 takes a free one.",
    DefaultValueFactory = _ => port,
};

var gateway = Port("--gateway-port", 8000, "the gateway");
var management = Port("--management-port", 8001, "the gateway's management listener");
var hello = Port("--hello-port", 8091, "HelloService");
var world = Port("--world-port", 8092, "WorldService");
var kratosPublic = Port("--kratos-public-port", 4433, "DevKratos' public API");
var kratosAdmin = Port("--kratos-admin-port", 4434, "DevKratos' admin API");
var ui = Port("--ui-port", 4455, "the login pages");
var kratosUrl = new Option<string?>("--kratos-public-url")
{
    Description = "The public API of a Kratos of yours; DevKratos is then not started.",
};
var config = new Option<string?>("--config")
{
    Description = "A configuration file for the gateway instead of the shipped gateway.yaml.",
};

var command = new RootCommand("Starts the gateway, the two services and a development Kratos together. Ctrl+C stops them all.")
{
    gateway, management, hello, world, kratosPublic, kratosAdmin, ui, kratosUrl, config,
};
command.SetAction((parsed, cancellationToken) => Launcher.RunAsync(
    new LaunchOptions(new Ports
    {
        Gateway = parsed.GetValue(gateway),
        Management = parsed.GetValue(management),
        Hello = parsed.GetValue(hello),
        World = parsed.GetValue(world),
        KratosPublic = parsed.GetValue(kratosPublic),
        KratosAdmin = parsed.GetValue(kratosAdmin),
        Ui = parsed.GetValue(ui),
    })
    {
        KratosAddress = parsed.GetValue(kratosUrl),
        ConfigFile = parsed.GetValue(config),
    },
    Console.Out, Console.Error, cancellationToken));

// The default of two seconds is shorter than an orderly end may take; an exit code of 130 would look like a failure.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) };
return await command.Parse(args).InvokeAsync(invocation);
