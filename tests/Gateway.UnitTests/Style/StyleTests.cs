namespace Gateway.UnitTests.Style;

/// <summary>The style of docs/architecture.md, over all of <c>src/</c> and <c>tests/</c>.</summary>
public sealed class StyleTests
{
    /// <summary>The room that composes all others needs what it composes.</summary>
    public const string Composing = "src/Gateway/Hosting/";

    private static readonly Dictionary<string, Func<CodeText, IEnumerable<int>>> Rules = new()
    {
        ["a line of more than 130 characters"] = text => StyleRules.LongLines(text, StyleRules.LongestLine),
        ["more than one statement in a line"] = StyleRules.CrowdedLines,
        ["a choice in a choice"] = StyleRules.NestedTernaries,
        ["a constructor of more than 6 parameters"] = StyleRules.WideConstructors,
        ["a pattern only for its name"] = StyleRules.PatternsForTheirName,
        ["more than 300 lines"] = StyleRules.LinesTooMany,
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_OfSourcesAndTests_HaveNot(string rule)
    {
        var wrong = from file in SourceFiles.All
                    where !file.StartsWith(Composing, StringComparison.Ordinal) || Rules[rule] != StyleRules.WideConstructors
                    from line in Rules[rule](SourceFiles.Text(file))
                    select $"{file}:{line}";

        Assert.True(!wrong.Any(), $"{rule}:\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [InlineData("var x = 1;", false)]
    [InlineData("var x = 1; var y = 2;", true)]
    [InlineData("f(\n    x); g();", true)]
    [InlineData("if (x) return y;", false)]
    [InlineData("else if (x(1)) throw y;", false)]
    [InlineData("if (x) y = 1;", true)]
    [InlineData("if (x\n    && y) z = 1;", true)]
    [InlineData("if (x\n    && y)\n    z = 1;", false)]
    [InlineData("if (x) yield return y;", true)]
    [InlineData("if (x) y = new Z\n{\n};", true)]
    [InlineData("else y = 1;", true)]
    [InlineData("else // if not\n    y = 1;", false)]
    [InlineData("foreach (var x in y) z(x);", true)]
    [InlineData("case 1: if (x) y();", true)]
    [InlineData("lock (_gate) return x;", true)]
    [InlineData("using var x = new Y();", false)]
    [InlineData("await using (var x = y()) z();", true)]
    [InlineData("for (var i = 0; i < n; i++)", false)]
    [InlineData("for (\n    var i = 0; i < n; i++)\n    f(i);", false)]
    [InlineData("for (var i = 0; i < n; i++) f(i);", true)]
    [InlineData("public int X { get; private init; }", false)]
    [InlineData("void F() { g(); }", true)]
    [InlineData("f(x => { g(x); });", true)]
    [InlineData("do f();\nwhile (x);", false)]
    [InlineData("var x = \"a; b; c;\"; // one; two;", false)]
    [InlineData("case 1: x(); break;", true)]
    public void CrowdedLines_OneLine_IsFoundOrNot(string code, bool crowded) =>
        Assert.Equal(crowded, StyleRules.CrowdedLines(CodeText.Of(code)).Any());

    [Theory]
    [InlineData("var x = a ? b : c;", false)]
    [InlineData("var x = a ? b : c ? d : e;", true)]
    [InlineData("var x = a ? b\n    : c ? d : e;", true)]
    [InlineData("var x = a ?\n    b :\n    c ?\n    d : e;", true)]
    [InlineData("var x = a ? (b ? c : d) : e;", true)]
    [InlineData("var x = (a ? b : c) ? d : e;", true)]
    [InlineData("var x = f([a ? b : c]) && d ? e : f;", true)]
    [InlineData("var x = f(a ? b : c, d) ? e : f;", true)]
    [InlineData("if (a ? b : c)\n    return d ? e : f;", false)]
    [InlineData("if (f(a ? b : c))\n{\n}\nreturn d ? e : f;", false)]
    [InlineData("var x = new A { B = c ? d : e };\nvar y = f ? g : h;", false)]
    [InlineData("f(a ? b : c, d ? e : g);", false)]
    [InlineData("f(a ? b : c); g(d ? e : h);", false)]
    [InlineData("var x = (a ? b : c) + (d ? e : f);", false)]
    [InlineData("string? x = a?.b ?? c;", false)]
    [InlineData("var x = $\"{(a ? $\"{(b ? c : d)}\" : e)}\";", true)]
    [InlineData("var x = $\"{(a ? b : c)}\" == d ? e : f;", true)]
    [InlineData("var x = \"what ? is : this ? here : now\";", false)]
    [InlineData("var x = a ? [b, c ? d : e] : f;", true)]
    public void NestedTernaries_Statement_AreFoundOrNot(string code, bool nested) =>
        Assert.Equal(nested, StyleRules.NestedTernaries(CodeText.Of(code)).Any());

    [Theory]
    [InlineData("class A(int a, int b, int c, int d, int e, int f)", false)]
    [InlineData("class A(int a, int b, int c, int d, int e, int f, int g)", true)]
    [InlineData("class A(Dictionary<int, int> a, Func<int, int, int> b, (int, int, int) c)", false)]
    [InlineData("record struct A<T>(int a, int b, int c, int d, int e, int f, int g)", true)]
    [InlineData("class A { public A(int a, int b, int c, int d, int e, int f, int g) { } }", true)]
    [InlineData("class A\n{\n    A(int a, int b, int c, int d, int e, int f, int g) { }\n}", true)]
    [InlineData("class A { public void B(int a, int b, int c, int d, int e, int f, int g) { } }", false)]
    [InlineData("class A { A B() => new A(1, 2, 3, 4, 5, 6, 7); }", false)]
    public void WideConstructors_Type_AreFoundOrNot(string code, bool wide) =>
        Assert.Equal(wide, StyleRules.WideConstructors(CodeText.Of(code)).Any());

    [Fact]
    public void LongLines_RawLiteral_IsExempt()
    {
        var width = new string('x', StyleRules.LongestLine);
        var text = CodeText.Of($"var a = 1;\nvar b = \"{width}\";\nvar c = \"\"\"\n    {width}\n    \"\"\";");

        Assert.Equal([2], StyleRules.LongLines(text, StyleRules.LongestLine));
    }

    [Theory]
    [InlineData("if (x is var y && y > 1)", true)]
    [InlineData("if (f(x) is >= 0 and var y)", true)]
    [InlineData("if (f(x)\n    is var (y, z))", true)]
    [InlineData("if (x is { } y)", false)]
    public void PatternsForTheirName_Condition_AreFoundOrNot(string code, bool found) =>
        Assert.Equal(found, StyleRules.PatternsForTheirName(CodeText.Of(code)).Any());

    [Theory]
    [InlineData(300, false)]
    [InlineData(301, true)]
    public void LinesTooMany_File_IsFoundOrNot(int lines, bool found)
    {
        var text = CodeText.Of(string.Concat(Enumerable.Repeat("x\n", lines)));

        Assert.Equal(found, StyleRules.LinesTooMany(text).Any());
    }
}
