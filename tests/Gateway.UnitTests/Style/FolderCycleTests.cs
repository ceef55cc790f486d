using System.Text.RegularExpressions;

namespace Gateway.UnitTests.Style;

/// <summary>No folder of DevKratos uses, by way of others, what uses it. The files of the root are a folder too.</summary>
public sealed partial class FolderCycleTests
{
    private const string Root = "";

    private static readonly List<Source> Sources =
        [.. SourceFiles.In("src/DevKratos").Select(f => Source.Of(f, SourceFiles.Text(f)))];

    [Fact]
    public void Folders_OfDevKratos_UseEachOtherOneWay()
    {
        var uses = Uses(Sources);

        Assert.Contains("State", uses["PublicApi"]);
        Assert.DoesNotContain(uses.Keys, folder => Reach(uses, folder).Contains(folder));
    }

    [Fact]
    public void Uses_NameOfAnotherFolder_IsFoundWithAndWithoutUsing()
    {
        Source[] sources =
        [
            Source.Of("src/DevKratos/A/One.cs", "using DevKratos.B;\nnamespace DevKratos.A;\nclass One { Two x; }"),
            Source.Of("src/DevKratos/B/Two.cs", "namespace DevKratos.B;\nclass Two { A.One x; }"),
            Source.Of(
                "src/DevKratos/C/Three.cs", "namespace DevKratos.C;\nclass Three { string Two() => x.One; }"),
            Source.Of("src/DevKratos/D/Four.cs", "using DevKratos.E;\nnamespace DevKratos.D;\nclass Four { int x = 1.Five(); }"),
            Source.Of(
                "src/DevKratos/E/Five.cs",
                "namespace DevKratos.E;\nstatic class Fives { public static int Five(this int x) => x; }"),
        ];

        var uses = Uses(sources);

        Assert.Equal(["A: B", "B: A", "C: ", "D: E", "E: "], uses.Select(u => $"{u.Key}: {string.Join(' ', u.Value)}"));
    }

    /// <summary>By names used: a type of that folder or an extension method of it; a <c>using</c> alone is no use.</summary>
    private static Dictionary<string, HashSet<string>> Uses(IReadOnlyCollection<Source> sources)
    {
        var declared = sources.GroupBy(s => s.Folder).ToDictionary(g => g.Key, g => g.SelectMany(s => s.Declares).ToHashSet());
        var extensions = sources.GroupBy(s => s.Folder).ToDictionary(g => g.Key, g => g.SelectMany(s => s.Extends).ToHashSet());
        return declared.Keys.ToDictionary(
            folder => folder,
            folder => declared.Keys.Where(other => other != folder && sources.Any(Mentions(folder, other))).ToHashSet());

        Func<Source, bool> Mentions(string folder, string other) => source => source.Folder == folder
            && (source.Qualified(other).Overlaps(declared[other])
                || (source.Sees(other)
                    && (source.Names.Overlaps(declared[other]) || source.Members.Overlaps(extensions[other]))));
    }

    private static HashSet<string> Reach(Dictionary<string, HashSet<string>> uses, string folder)
    {
        HashSet<string> reached = [];
        Queue<string> next = new(uses[folder]);
        while (next.TryDequeue(out var one))
        {
            if (!reached.Add(one)) continue;
            foreach (var other in uses[one])
                next.Enqueue(other);
        }

        return reached;
    }

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(?!class\b|struct\b)(\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\bstatic [^=;{}]*?(\w+)(?:<\w+>)?\(this ")]
    private static partial Regex Extension();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?<=\.)[A-Z]\w*")]
    private static partial Regex Member();

    /// <summary>One file: what it declares, and the names it speaks of.</summary>
    private sealed record Source(string Folder, string Code)
    {
        public HashSet<string> Declares { get; } = [.. Declaration().Matches(Code).Select(m => m.Groups[1].Value)];

        public HashSet<string> Extends { get; } = [.. Extension().Matches(Code).Select(m => m.Groups[1].Value)];

        public HashSet<string> Names { get; } = [.. Name().Matches(Code).Select(m => m.Value)];

        public HashSet<string> Members { get; } = [.. Member().Matches(Code).Select(m => m.Value)];

        public static Source Of(string path, string text) => Of(path, CodeText.Of(text));

        public static Source Of(string path, CodeText text) =>
            new(path.Split('/') is [_, _, var folder, _] ? folder : Root, text.Code);

        /// <summary>Types of the root are in sight everywhere.</summary>
        public bool Sees(string folder) =>
            folder == Root || Code.Contains($"using DevKratos.{folder};", StringComparison.Ordinal);

        public HashSet<string> Qualified(string folder) =>
            [.. Regex.Matches(Code, $@"(?<![\w.])(?:DevKratos\.)?{folder}\.(\w+)").Select(m => m.Groups[1].Value)];
    }
}
