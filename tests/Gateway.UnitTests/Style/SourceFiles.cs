using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Gateway.UnitTests.Style;

/// <summary>The repository's C# files, each read once for all tests that look at them.</summary>
internal static class SourceFiles
{
    private static readonly string Root = FindRoot();

    private static readonly ConcurrentDictionary<string, CodeText> Texts = new();

    /// <summary>Everything that is compiled, tests too, as paths from the repository's root.</summary>
    public static IReadOnlyList<string> All { get; } = [.. In("src"), .. In("tests")];

    /// <summary>Those below a folder, without what a build makes.</summary>
    public static IEnumerable<string> In(string folder) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
        .Where(f => !f.Split('/').Any(part => part is "obj" or "bin" or "artifacts" or "TestResults"))
        .Order(StringComparer.Ordinal);

    public static CodeText Text(string path) => Texts.GetOrAdd(path, p => CodeText.Of(File.ReadAllText(Path.Combine(Root, p))));

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
