namespace Quickstart;

/// <summary>What the command line asks for.</summary>
internal sealed record Wishes(Ports Ports)
{
    /// <summary>The public API of the person's own Kratos; DevKratos is then not started.</summary>
    public Uri? KratosUrl { get; init; }

    /// <summary>The gateway's configuration file instead of the shipped one.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Why this cannot be started, in one line; null when it can.</summary>
    public string? Problem() =>
        KratosUrl is not null && !(KratosUrl.IsAbsoluteUri && KratosUrl.Scheme is "http" or "https")
            ? $"--kratos-public-url {KratosUrl.OriginalString} is not an absolute http:// or https:// URL, such as http://127.0.0.1:4433."
        : KratosUrl is not null && Ports.Ui is < 1 or > 65535
            ? $"--ui-port {Ports.Ui}: with a Kratos of your own this is the port where your login pages listen."
        : ConfigFile is not null && !File.Exists(ConfigFile)
            ? $"--config {ConfigFile}: there is no such file."
        : Ports.Problem(withDevKratos: KratosUrl is null);
}
