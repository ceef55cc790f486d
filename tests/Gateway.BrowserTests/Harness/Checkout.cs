using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Gateway.BrowserTests.Harness;

/// <summary>
/// A folder that looks like the repository's root to a person who stands there, with README's configuration file; nothing is
/// written into the repository.
/// </summary>
internal sealed class Checkout : IDisposable
{
    private static readonly string Root = FindRoot();

    public static readonly string Readme = File.ReadAllText(Path.Combine(Root, "README.md"));

    /// <summary>Debug or Release: bin/Debug/net10.0.</summary>
    public static readonly string Build = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public Checkout()
    {
        string[] parts = ["src", "global.json", "BannedSymbols.txt"];
        string[] properties = ["Directory.Build.props", "Directory.Packages.props"];
        foreach (var name in parts.Concat(properties))
            File.CreateSymbolicLink(Path.Combine(Folder, name), Path.Combine(Root, name));
        File.WriteAllText(ConfigFile, Yaml);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("gateway-readme-").FullName;

    /// <summary>What README calls <c>gateway.yaml</c>.</summary>
    public string ConfigFile => Path.Combine(Folder, "gateway.yaml");

    public static string Yaml => Assert.Single(Blocks("yaml"));

    /// <summary>README's fenced blocks in a language, word for word.</summary>
    public static IEnumerable<string> Blocks(string language) =>
        Regex.Matches(Readme, $"(?ms)^```{language}\n(.*?)^```", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Select(m => m.Groups[1].Value);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
