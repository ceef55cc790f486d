using System.Text.RegularExpressions;

namespace Gateway.UnitTests.Style;

/// <summary>
/// The style that files are held to, as rules over their text: each yields the lines (counted from one) that break it. They read
/// formatted code, as <c>dotnet format</c> leaves it.
/// </summary>
internal static partial class StyleRules
{
    public const int LongestLine = 130;
    public const int MostParameters = 6;
    public const int LongestFile = 300;

    public static IEnumerable<int> LongLines(CodeText text, int longest) =>
        Enumerable.Range(1, text.Lines.Length).Where(n => text.Lines[n - 1].Length > longest && !text.IsRaw(n));

    /// <summary>
    /// Two statements, or one in the line of its block, <c>if</c>, <c>else</c>, loop or lock. <c>if (…) return …;</c> counts as
    /// one.
    /// </summary>
    public static IEnumerable<int> CrowdedLines(CodeText text) =>
        SharedLines(text.Code).Concat(EmbeddedStatements(text)).Distinct();

    /// <summary>A choice in a part of a choice, in whatever brackets.</summary>
    public static IEnumerable<int> NestedTernaries(CodeText text)
    {
        var code = text.Code;
        Stack<Segment> open = new([default]);
        for (var at = 0; at < code.Length; at++)
        {
            var c = code[at];
            if (c is '(' or '[' or '{')
                open.Push(new(open.Peek().InBranch) { IsHeader = HeaderBefore().IsMatch(Before(code, at)) });
            else if (c is ')' or ']' or '}' && open.Count > 1)
                Close(open, c);
            else if (c is ',' or ';')
                Replace(open, open.Peek() with { InBranch = open.Skip(1).FirstOrDefault().InBranch, HasChoice = false });
            if (!IsChoice(code, at)) continue;
            if (open.Peek() is { InBranch: true } or { HasChoice: true })
                yield return text.LineAt(at);
            Replace(open, open.Peek() with { InBranch = true, HasChoice = true, HadChoice = true });
        }
    }

    public static IEnumerable<int> WideConstructors(CodeText text)
    {
        var types = Declared().Matches(text.Code).Select(m => m.Groups[1].Value).ToHashSet();
        return PrimaryConstructor().Matches(text.Code)
            .Concat(Constructor().Matches(text.Code).Where(m => types.Contains(m.Groups[1].Value)))
            .Where(m => Parameters(text.Code, m.Index + m.Length) > MostParameters)
            .Select(m => text.LineAt(m.Groups[1].Index));
    }

    /// <summary>A <c>var</c> in a pattern: it is always true and only makes a name.</summary>
    public static IEnumerable<int> PatternsForTheirName(CodeText text) =>
        IsVar().Matches(text.Code).Select(m => text.LineAt(m.Index + m.Length - 1));

    public static IEnumerable<int> LinesTooMany(CodeText text)
    {
        var count = text.Lines.Length - (text.Lines[^1].Length == 0 ? 1 : 0);
        return count > LongestFile ? [count] : [];
    }

    /// <summary>Where a statement ends in the line where another did, or where its block begins.</summary>
    private static IEnumerable<int> SharedLines(string code)
    {
        Stack<(char Bracket, int Line)> open = new([('\0', 0)]);
        var (line, last) = (1, 0);
        for (var at = 0; at < code.Length; at++)
        {
            var c = code[at];
            if (c == '\n')
                line++;
            else if (c is '(' or '[' or '{')
                open.Push((c, line));
            else if (c is ')' or ']' or '}' && open.Count > 1)
                open.Pop();
            if (c != ';' || open.Peek().Bracket == '(' || Accessor().IsMatch(Before(code, at))) continue;
            if (last == line || open.Peek() == ('{', line))
                yield return line;
            last = line;
        }
    }

    private static IEnumerable<int> EmbeddedStatements(CodeText text)
    {
        var code = text.Code;
        foreach (Match header in Header().Matches(code))
        {
            var end = header.Index + header.Length;
            if (!header.Groups[2].Success)
                end = Closing(code, end);
            var rest = code.AsSpan(end..EndOfLine(code, end)).Trim();
            if (rest is "" or ['{' or ';', ..]) continue;
            if (header.Groups[1].Value == "if" && Jump().IsMatch(rest)) continue;
            if (header.Groups[2].Success && NextIf().IsMatch(rest)) continue;
            yield return text.LineAt(end);
        }
    }

    private static int EndOfLine(string code, int at)
    {
        var end = code.IndexOf('\n', at);
        return end < 0 ? code.Length : end;
    }

    /// <summary>The place after the bracket that closes the one before the place.</summary>
    private static int Closing(string code, int at)
    {
        for (var depth = 1; at < code.Length && depth > 0; at++)
            depth += code[at] switch { '(' => 1, ')' => -1, _ => 0 };
        return at;
    }

    private static bool IsChoice(string code, int at) =>
        code[at] == '?'
        && at > 0 && char.IsWhiteSpace(code[at - 1])
        && at + 1 < code.Length && char.IsWhiteSpace(code[at + 1]);

    private static void Replace(Stack<Segment> open, Segment with)
    {
        open.Pop();
        open.Push(with);
    }

    /// <summary>
    /// A choice in round or square brackets is part of what these are part of, unless a statement follows them.
    /// </summary>
    private static void Close(Stack<Segment> open, char bracket)
    {
        var inner = open.Pop();
        var outer = open.Peek();
        var hasChoice = bracket != '}' && !inner.IsHeader && (outer.HasChoice || inner.HadChoice);
        Replace(open, outer with { HasChoice = hasChoice, HadChoice = outer.HadChoice || hasChoice });
    }

    private static int Parameters(string code, int at)
    {
        var (depth, count, any) = (0, 1, false);
        for (; at < code.Length; at++)
        {
            if (code[at] == ')' && depth == 0) return any ? count : 0;
            any |= !char.IsWhiteSpace(code[at]);
            if (code[at] is '(' or '[' or '<' or '{')
                depth++;
            if (code[at] is ')' or ']' or '>' or '}')
                depth--;
            if (code[at] == ',' && depth == 0)
                count++;
        }

        return count;
    }

    /// <summary>Enough of what stands before the place to tell the word.</summary>
    private static ReadOnlySpan<char> Before(string code, int at) => code.AsSpan(Math.Max(0, at - 12)..at);

    [GeneratedRegex(@"\b(?:class|record|struct)\s+(?!class|struct)(\w+)")]
    private static partial Regex Declared();

    [GeneratedRegex(@"\b(?:class|record|struct)\s+(?!class|struct)(\w+)(?:<[^>(]*>)?\s*\(")]
    private static partial Regex PrimaryConstructor();

    [GeneratedRegex(@"(?:^|[{};])[ \t]*(?:(?:public|internal|private|protected)\s+)*(\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Constructor();

    [GeneratedRegex(@"\b(?:get|set|init|add|remove)$")]
    private static partial Regex Accessor();

    [GeneratedRegex(@"(?<![\w.@])(?:(if|for|foreach|while|lock|using|fixed)\s*\(|(else)\b)")]
    private static partial Regex Header();

    [GeneratedRegex(@"(?<![\w.@])(?:if|for|foreach|while|lock|using|switch|catch|when)\s*$")]
    private static partial Regex HeaderBefore();

    [GeneratedRegex(@"^(?:return|throw|continue|break)\b")]
    private static partial Regex Jump();

    [GeneratedRegex(@"^if\b")]
    private static partial Regex NextIf();

    [GeneratedRegex(@"\bis\s+(?:[^;()&|]+\sand\s+)?var\b")]
    private static partial Regex IsVar();

    /// <summary>What stands between two commas, semicolons or brackets.</summary>
    /// <param name="InBranch">It is behind a question mark, or its brackets are.</param>
    private readonly record struct Segment(bool InBranch)
    {
        /// <summary>A whole choice is in it.</summary>
        public bool HasChoice { get; init; }

        /// <summary>A choice is in its brackets: here or before a comma.</summary>
        public bool HadChoice { get; init; }

        /// <summary>Its brackets are those of an <c>if</c> or loop, and a statement follows.</summary>
        public bool IsHeader { get; init; }
    }
}
