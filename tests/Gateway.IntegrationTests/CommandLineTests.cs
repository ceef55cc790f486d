using System.Net;
using System.Net.Sockets;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>The gateway's verbs, and where a start takes its configuration from.</summary>
public sealed class CommandLineTests
{
    private const string Kratos = "--Kratos:PublicUrl=http://127.0.0.1:4433";

    [Fact]
    public async Task A_good_configuration_is_called_good()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "gateway.yaml");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, file);

        // In development the shipped file's key of the identity token makes itself.
        var result = await GatewayCommand.RunAsync(["validate", "--config", relative, "--environment=Development"]);
        var without = await GatewayCommand.RunAsync(["validate", Kratos]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal($"{file}: the configuration is good: 7 routes, 5 clusters.", result.Output.Trim());
        Assert.StartsWith("The configuration is good: 1 routes", without.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version", "0.1.0")]
    [InlineData("--help", "--config")]
    [InlineData("validate", "Kratos:PublicUrl is missing", 1)]
    [InlineData("health", "does not answer", 1)]
    public async Task The_command_line_says_what_it_knows(string verb, string text, int exitCode = 0)
    {
        var result = await GatewayCommand.RunAsync(
            [verb],
            new Dictionary<string, string> { ["Management__Url"] = "http://127.0.0.1:1" });

        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(text, result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_health_verb_asks_the_running_gateway()
    {
        await using var system = await TestSystem.StartAsync();

        var good = await GatewayCommand.RunAsync([
            "health", $"--Management:Url={system.ManagementUrl.GetLeftPart(UriPartial.Authority)}",
        ]);
        await system.Gateway.StopAsync(TestContext.Current.CancellationToken);
        var gone = await GatewayCommand.RunAsync(["health", $"--Management:Url=http://127.0.0.1:1"]);

        Assert.Equal((0, 1), (good.ExitCode, gone.ExitCode));
    }

    [Theory]
    [InlineData("Urls")]
    [InlineData("Management:Url")]
    public async Task A_port_in_use_is_one_clear_line(string key)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var other = key is "Urls" ? "Management:Url" : "Urls";

        var result = await GatewayCommand.RunAsync([
            Kratos, $"--{key}=http://{taken.LocalEndpoint}", $"--{other}=http://127.0.0.1:0",
        ]);

        Assert.Equal(1, result.ExitCode);
        var text = (result.Error + result.Output).Trim();
        Assert.Contains($"{((IPEndPoint)taken.LocalEndpoint).Port}", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/at/all/gateway.yaml")]
    [InlineData("nothing.yaml")]
    [InlineData("/")]
    public async Task A_file_that_is_not_there_is_a_mistake_like_every_other(string file)
    {
        var result = await GatewayCommand.RunAsync(["validate", "--config", file, Kratos]);

        Assert.Equal(1, result.ExitCode);
        var line = $"{Path.GetFullPath(file)}: the file cannot be used: the file does not exist";
        Assert.Contains(line, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_the_environment_or_the_command_line_is_named_as_such()
    {
        var result = await GatewayCommand.RunAsync(
            ["validate", Kratos, "--Sessions:MaxEntries=1"],
            new Dictionary<string, string> { ["Kratos__Timeout"] = "soon" });

        Assert.Contains(
            "environment variable Kratos__Timeout: Kratos:Timeout = \"soon\" is not a duration",
            result.Error,
            StringComparison.Ordinal);
        Assert.Contains("command line: Sessions:MaxEntries = \"1\"", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_source_wins()
    {
        var file = Path.GetTempFileName() + ".json";
        await File.WriteAllTextAsync(
            file,
            """{ "Kratos": { "PublicUrl": "bad-file", "Timeout": "bad-file", "Path": "bad-file" } }""",
            TestContext.Current.CancellationToken);
        try
        {
            var result = await GatewayCommand.RunAsync(
                ["validate", "--Kratos:PublicUrl=http://good"],
                new Dictionary<string, string>
                {
                    ["GATEWAY_CONFIG"] = file,
                    ["Kratos__PublicUrl"] = "bad-environment",
                    ["Kratos__Timeout"] = "00:00:01",
                });

            Assert.Contains("Kratos:Path = \"bad-file\"", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("PublicUrl", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("Timeout", result.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_mistyped_verb_starts_nothing()
    {
        var result = await GatewayCommand.RunAsync(["valdiate", Kratos]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("There is no verb valdiate", result.Error, StringComparison.Ordinal);
    }

    public static MatrixTheoryData<string, string> VerbsAndAddresses => new(
        ["", "validate", "health"],
        ["nonsense", "http://[", "http://kratos:99999", "https://127.0.0.1:8001", "http://127.0.0.1:8001/path"]);

    [Theory]
    [MemberData(nameof(VerbsAndAddresses))]
    public async Task Every_verb_names_a_bad_management_address_in_one_line(string verb, string address)
    {
        string[] verbs = verb.Length > 0 ? [verb] : [];

        var result = await GatewayCommand.RunAsync(
            [.. verbs, "--Kratos:PublicUrl=http://127.0.0.1:1", "--Urls=http://127.0.0.1:0", $"--Management:Url={address}"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"""
            The configuration has 1 mistake:
              command line: Management:Url = "{address}" is not where a listener can be: write http://127.0.0.1:8001, or http://+:8001 for every address

            """,
            result.Error);
    }
}
