namespace Gateway.UnitTests.Style;

public sealed class FolderUsesTests
{
    public static TheoryData<string> Projects =>
        [.. SourceFiles.In("src").Select(f => f.Split('/')[1]).Distinct()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_UseEachOtherOneWay(string project) => Assert.Empty(FolderUses.Of("src", project).InCycles());

    [Theory]
    [InlineData("using P.B;\nnamespace P.A;\nclass One { Two x; }", "B")]
    [InlineData("using P.B;\nnamespace P.A;\nclass One { bool x = 1.IsSeven; }", "B")]
    [InlineData("using P.B;\nnamespace P.A;\nclass One { int x = 1.Five(); }", "B")]
    [InlineData("using P.B;\nnamespace P.A;\nclass One { Ask x; }", "B")]
    [InlineData("using P.B.Deep;\nnamespace P.A;\nclass One { Six x; }", "B")]
    [InlineData("using static P.B.Two;\nnamespace P.A;\nclass One { }", "B")]
    [InlineData("using Alias = P.B.Two;\nnamespace P.A;\nclass One { }", "B")]
    [InlineData("namespace P.A;\nclass One { B.Two x; }", "B")]
    [InlineData("namespace P.A;\nclass One { object x = new P.B.Deep.Six(); }", "B")]
    [InlineData("namespace P.A;\nclass One { Ground x; }", "")]
    [InlineData("using P.B;\nnamespace P.A;\nclass One { string x = \"Two\"; // Two\n }")]
    [InlineData("using P.B;\nnamespace P.A;\nclass One { string x => y.Two; }")]
    [InlineData("namespace P.A;\nclass One { Two x; int y = 1.Five(); }")]
    [InlineData("using P.B;\nnamespace P.A;\nclass One { Within x; }")]
    [InlineData("namespace P.A.Deep;\nclass One { Other x; }")]
    public void UsedBy_NamesOfAnotherFolder_AreFoundInWhateverWay(string code, params string[] used)
    {
        (string, string)[] files =
        [
            ("src/P/A/One.cs", code),
            ("src/P/A/Other.cs", "namespace P.A;\nclass Other;"),
            ("src/P/B/Two.cs", "namespace P.B;\nclass Two\n{\n    class Within;\n}\ndelegate int Ask(int x);"),
            ("src/P/B/Fives.cs", "namespace P.B;\nstatic class Fives { public static int Five(this int x) => x; }"),
            ("src/P/B/Sevens.cs", "namespace P.B;\nstatic class Sevens { extension(int x) { public bool IsSeven => true; } }"),
            ("src/P/B/Deep/Six.cs", "namespace P.B.Deep;\nclass Six;"),
            ("src/P/Ground.cs", "namespace P;\nclass Ground;"),
        ];

        var uses = FolderUses.Of("P", [.. files.Select(f => (f.Item1, CodeText.Of(f.Item2)))]);

        Assert.Equal(used, uses.UsedBy("A"));
        Assert.Empty(uses.UsedBy("B"));
    }

    [Fact]
    public void InCycles_FoldersThatUseEachOther_ByWayOfAThird()
    {
        (string, string)[] files =
        [
            ("src/P/A/One.cs", "namespace P.A;\nclass One { B.Two x; }"),
            ("src/P/B/Two.cs", "namespace P.B;\nclass Two { C.Three x; }"),
            ("src/P/C/Three.cs", "namespace P.C;\nclass Three { A.One x; }"),
            ("src/P/D/Four.cs", "namespace P.D;\nclass Four { A.One x; }"),
        ];

        var uses = FolderUses.Of("P", [.. files.Select(f => (f.Item1, CodeText.Of(f.Item2)))]);

        Assert.Equal(["A", "B", "C"], uses.InCycles());
        Assert.Equal(["src/P/D/Four.cs: One"], uses.Mentions("D", "A"));
    }
}
