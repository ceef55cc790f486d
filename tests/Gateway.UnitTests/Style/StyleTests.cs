using System.Runtime.CompilerServices;

namespace Gateway.UnitTests.Style;

/// <summary>
/// The style of docs/architecture.md, over the folders that keep it already; another joins the list when it is clean.
/// </summary>
public sealed class StyleTests
{
    private static readonly string[] Clean = ["src/DevKratos", "tests/DevKratos.ContractTests", "tests/Gateway.UnitTests/Style"];

    private static readonly Dictionary<string, Func<string, IEnumerable<int>>> Rules = new()
    {
        ["a line of more than 130 characters"] = StyleRules.LongLines,
        ["more than one statement in a line"] = StyleRules.CrowdedLines,
        ["a choice in a choice"] = StyleRules.NestedTernaries,
        ["a constructor of more than 6 parameters"] = StyleRules.WideConstructors,
        ["a pattern only for its name"] = StyleRules.PatternsForTheirName,
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_OfCleanFolders_HaveNot(string rule)
    {
        var wrong = from folder in Clean
                    from file in SourceFolder.Files(folder)
                    from line in Rules[rule](File.ReadAllText(file))
                    select $"{SourceFolder.Relative(file)}:{line}";

        Assert.True(!wrong.Any(), rule + ":\n" + string.Join('\n', wrong));
    }

    [Fact]
    public void Files_OfCleanFolders_AreShort()
    {
        var wrong = Clean.SelectMany(SourceFolder.Files).Where(f => File.ReadLines(f).Count() > StyleRules.LongestFile);

        Assert.Empty(wrong.Select(SourceFolder.Relative));
    }

    [Theory]
    [InlineData("var x = 1;", false)]
    [InlineData("var x = 1; var y = 2;", true)]
    [InlineData("if (x) return y;", false)]
    [InlineData("else if (x(1)) throw y;", false)]
    [InlineData("if (x) y = 1;", true)]
    [InlineData("else y = 1;", true)]
    [InlineData("foreach (var x in y) z(x);", true)]
    [InlineData("lock (_gate) return x;", true)]
    [InlineData("using var x = new Y();", false)]
    [InlineData("for (var i = 0; i < n; i++)", false)]
    [InlineData("public int X { get; init; }", false)]
    [InlineData("var x = \"a; b; c;\"; // one; two;", false)]
    [InlineData("case 1: x(); break;", true)]
    [InlineData("await using (var x = y()) z();", false)]
    public void CrowdedLines_OneLine_IsFoundOrNot(string line, bool crowded) =>
        Assert.Equal(crowded, StyleRules.CrowdedLines(line).Any());

    [Theory]
    [InlineData("var x = a ? b : c;", false)]
    [InlineData("var x = a ? b : c ? d : e;", true)]
    [InlineData("var x = a ? b\n    : c ? d : e;", true)]
    [InlineData("var x = a ? (b ? c : d) : e;", true)]
    [InlineData("f(a ? b : c, d ? e : g);", false)]
    [InlineData("f(a ? b : c); g(d ? e : h);", false)]
    [InlineData("var x = (a ? b : c) + (d ? e : f);", false)]
    [InlineData("string? x = a?.b ?? c;", false)]
    [InlineData("var x = $\"{(a ? $\"{(b ? c : d)}\" : e)}\";", true)]
    [InlineData("var x = \"what ? is : this ? here : now\";", false)]
    [InlineData("var x = a ? [b, c ? d : e] : f;", true)]
    public void NestedTernaries_Statement_AreFoundOrNot(string code, bool nested) =>
        Assert.Equal(nested, StyleRules.NestedTernaries(code).Any());

    [Theory]
    [InlineData("class A(int a, int b, int c, int d, int e, int f)", false)]
    [InlineData("class A(int a, int b, int c, int d, int e, int f, int g)", true)]
    [InlineData("class A(Dictionary<int, int> a, Func<int, int, int> b, (int, int, int) c)", false)]
    [InlineData("record struct A<T>(int a, int b, int c, int d, int e, int f, int g)", true)]
    [InlineData("class A { public A(int a, int b, int c, int d, int e, int f, int g) { } }", true)]
    [InlineData("class A { public void B(int a, int b, int c, int d, int e, int f, int g) { } }", false)]
    public void WideConstructors_Type_AreFoundOrNot(string code, bool wide) =>
        Assert.Equal(wide, StyleRules.WideConstructors(code).Any());

    [Fact]
    public void LongLines_RawLiteral_IsExempt()
    {
        var width = new string('x', StyleRules.LongestLine);

        Assert.Equal([2], StyleRules.LongLines($"var a = 1;\nvar b = \"{width}\";\nvar c = \"\"\"\n    {width}\n    \"\"\";"));
    }

    [Theory]
    [InlineData("if (x is var y && y > 1)", true)]
    [InlineData("if (f(x) is >= 0 and var y)", true)]
    [InlineData("if (x is { } y)", false)]
    public void PatternsForTheirName_Condition_AreFoundOrNot(string code, bool found) =>
        Assert.Equal(found, StyleRules.PatternsForTheirName(code).Any());
}

/// <summary>Where the files are that these tests read.</summary>
internal static class SourceFolder
{
    private static readonly string Root = FindRoot();

    /// <summary>Every C# file below a folder of the repository, without what a build makes.</summary>
    public static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(f => !Relative(f).Split('/').Any(part => part is "obj" or "bin"));

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
