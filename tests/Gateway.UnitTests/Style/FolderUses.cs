using System.Text.RegularExpressions;

namespace Gateway.UnitTests.Style;

/// <summary>
/// Which folder of a project uses which, by the names that its files speak of: a type of that folder or an extension method of
/// it, whether its namespace is imported or written out. A <c>using</c> alone is no use, nor is a comment. Deeper folders count
/// to the one below the project; the files of the project's root are a folder too, without a name.
/// </summary>
internal sealed partial class FolderUses
{
    private const string Root = "";

    private readonly Dictionary<string, Source[]> _sources;
    private readonly Dictionary<string, HashSet<string>> _types;
    private readonly Dictionary<string, HashSet<string>> _extensions;
    private readonly Dictionary<string, string[]> _uses;

    private FolderUses(string project, IReadOnlyCollection<(string Path, CodeText Text)> files)
    {
        var names = files.Select(f => FolderOf(f.Path)).Distinct().Order(StringComparer.Ordinal).ToArray();
        var qualified = new Regex($@"(?<![\w.])(?:{project}\.)?({string.Join('|', names.Where(n => n != Root))})((?:\.\w+)+)");
        var imported = new Regex($@"\busing (?:static )?{project}\.(\w+)");
        _sources = files.GroupBy(f => FolderOf(f.Path)).ToDictionary(
            g => g.Key,
            g => g.Select(f => new Source(f.Path, f.Text.Code, imported, qualified)).ToArray());
        _types = names.ToDictionary(n => n, n => _sources[n].SelectMany(s => s.Types).ToHashSet());
        _extensions = names.ToDictionary(n => n, n => _sources[n].SelectMany(s => s.Extensions).ToHashSet());
        _uses = names.ToDictionary(n => n, n => names.Where(other => other != n && Mentions(n, other).Any()).ToArray());
    }

    public IEnumerable<string> Folders => _uses.Keys;

    /// <param name="place"><c>src</c> or <c>tests</c>.</param>
    public static FolderUses Of(string place, string project) =>
        Of(project, [.. SourceFiles.In($"{place}/{project}").Select(f => (f, SourceFiles.Text(f)))]);

    public static FolderUses Of(string project, IReadOnlyCollection<(string Path, CodeText Text)> files) => new(project, files);

    public IReadOnlyList<string> UsedBy(string folder) => _uses[folder];

    /// <summary>Every mention of the other folder, as <c>file: Name</c>.</summary>
    public IEnumerable<string> Mentions(string folder, string other) =>
        from source in _sources[folder]
        from name in source.NamesOf(other, _types[other], _extensions[other])
        select $"{source.Path}: {name}";

    /// <summary>The folders that use, by way of others, what uses them.</summary>
    public IEnumerable<string> InCycles() => Folders.Where(folder => Reach(folder).Contains(folder));

    private static string FolderOf(string path) => path.Split('/') is [_, _, var folder, _, ..] ? folder : Root;

    private HashSet<string> Reach(string folder)
    {
        HashSet<string> reached = [];
        Queue<string> next = new(_uses[folder]);
        while (next.TryDequeue(out var one))
        {
            if (!reached.Add(one)) continue;
            foreach (var other in _uses[one])
                next.Enqueue(other);
        }

        return reached;
    }

    /// <summary>Not those within others: they are named by way of these.</summary>
    [GeneratedRegex(@"^(?=\S).*?\b(?:class|record|struct|interface|enum) (?!class\b|struct\b)(\w+)", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^(?=\S).*?\bdelegate .*?(\w+)(?:<[^>]*>)?\(", RegexOptions.Multiline)]
    private static partial Regex Delegate();

    [GeneratedRegex(@"\bstatic [^=;{}]*?(\w+)(?:<\w+>)?\(this ")]
    private static partial Regex Extension();

    /// <summary>What is public behind the first <c>extension(…)</c> of a file.</summary>
    [GeneratedRegex(@"(?<=\bextension\([\s\S]*)\bpublic [^=;{}()]*?(\w+)\s*(?:\(|=>|\{)")]
    private static partial Regex ExtensionBlock();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?<=\.)[A-Z]\w*")]
    private static partial Regex Member();

    /// <summary>One file: what it declares, and the names it speaks of.</summary>
    private sealed class Source(string path, string code, Regex imported, Regex qualified)
    {
        private readonly HashSet<string> _imported = Found(imported, code);

        private readonly HashSet<string> _names = [.. Name().Matches(code).Select(m => m.Value)];

        private readonly HashSet<string> _members = [.. Member().Matches(code).Select(m => m.Value)];

        private readonly ILookup<string, string> _qualified = qualified.Matches(code)
            .SelectMany(m => m.Groups[2].Value.Split('.'), (m, name) => (Folder: m.Groups[1].Value, Name: name))
            .ToLookup(m => m.Folder, m => m.Name);

        public string Path => path;

        public HashSet<string> Types { get; } = [.. Found(Type(), code), .. Found(Delegate(), code)];

        public HashSet<string> Extensions { get; } = [.. Found(Extension(), code), .. Found(ExtensionBlock(), code)];

        /// <summary>Types of the root are in sight everywhere.</summary>
        public IEnumerable<string> NamesOf(string folder, HashSet<string> types, HashSet<string> extensions)
        {
            var names = _qualified[folder].Where(types.Contains);
            if (folder == Root || _imported.Contains(folder))
                names = [.. names, .. _names.Where(types.Contains), .. _members.Where(extensions.Contains)];
            return names.Distinct();
        }

        private static HashSet<string> Found(Regex regex, string code) =>
            [.. regex.Matches(code).Select(m => m.Groups[1].Value)];
    }
}
