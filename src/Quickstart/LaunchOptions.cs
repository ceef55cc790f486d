namespace Quickstart;

/// <summary>What the command line asks for.</summary>
internal sealed record LaunchOptions(Ports Ports)
{
    /// <summary>The public API of the person's own Kratos, as they wrote it; DevKratos is then not started.</summary>
    public string? KratosAddress { get; init; }

    public Uri? KratosUrl =>
        Uri.TryCreate(KratosAddress, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    /// <summary>The gateway's configuration file instead of the shipped one.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The file that the gateway reads, by its full path.</summary>
    public string ConfigPath => Path.GetFullPath(ConfigFile ?? Path.Combine(AppContext.BaseDirectory, "gateway.yaml"));

    /// <summary>Why this cannot be started, in one line; null when it can.</summary>
    public string? Problem()
    {
        if (KratosAddress is not null && KratosUrl is null)
        {
            const string Example = "http://127.0.0.1:4433";
            return $"--kratos-public-url {KratosAddress} is not an absolute http:// or https:// URL, such as {Example}.";
        }
        if (KratosAddress is not null && Ports.Ui is < 1 or > 65535)
            return $"--ui-port {Ports.Ui}: with a Kratos of your own this is the port where your login pages listen.";
        if (ConfigFile is not null && !File.Exists(ConfigPath))
            return $"--config {ConfigPath}: there is no such file.";
        return Ports.Problem(withDevKratos: KratosAddress is null);
    }
}
