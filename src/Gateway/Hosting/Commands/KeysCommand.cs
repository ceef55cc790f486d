using System.CommandLine;
using Gateway.Forwarding.Signing;

namespace Gateway.Hosting.Commands;

/// <summary>Makes keys for the identity token.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Where the private key is written (PEM, for its owner alone)." };
        var algorithm = new Option<string>("--alg") { Description = "ES256 or RS256.", DefaultValueFactory = _ => "ES256" };
        algorithm.AcceptOnlyFromAmong("ES256", "RS256");
        var create = new Command("new", "Writes a new private key to a file that is not there yet.");
        create.Arguments.Add(file);
        create.Options.Add(algorithm);
        create.SetAction((parsed, _) => RunAsync(parsed.GetValue(file)!, parsed.GetValue(algorithm)!));
        var command = new Command("keys", "Keys that sign the identity token.");
        command.Subcommands.Add(create);
        return command;
    }

    private static async Task<int> RunAsync(string file, string algorithm)
    {
        var path = Path.GetFullPath(file);
        try
        {
            SigningKeyFile.Write(path, SigningKeyFile.NewPem(algorithm));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await Failure.SayAsync($"{path} is not written: {e.Message}");
        }
        var key = SigningKeyFile.Read(path, out _)[0];
        Console.WriteLine($"{path} is written: {key.Algorithm}, key id {key.Id}.");
        Console.WriteLine($"IdentityToken:SigningKeys: [ {{ File: {path} }} ] signs with it.");
        Console.WriteLine("Beside others, the first signs and all are published.");
        return 0;
    }
}
