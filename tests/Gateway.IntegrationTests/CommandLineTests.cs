using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>What every verb does with a configuration that it cannot use.</summary>
public sealed class CommandLineTests
{
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
