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

    public static IEnumerable<int> LongLines(string source)
    {
        var code = CodeText.Of(source);
        var lines = source.Split('\n');
        return Enumerable.Range(0, lines.Length).Where(n => lines[n].Length > LongestLine && !code.IsRaw(n)).Select(n => n + 1);
    }

    /// <summary>
    /// Two statements, or one in the line of its <c>else</c>, loop or lock. <c>if (…) return …;</c> counts as one.
    /// </summary>
    public static IEnumerable<int> CrowdedLines(string source)
    {
        var lines = CodeText.Of(source).Lines;
        return Enumerable.Range(0, lines.Length).Where(n => Ends(lines[n]) > 1 || IsEmbedded(lines[n].Trim())).Select(n => n + 1);
    }

    /// <summary>A choice in a branch of a choice, in whatever brackets.</summary>
    public static IEnumerable<int> NestedTernaries(string source)
    {
        var code = CodeText.Of(source).Code;
        Stack<bool> open = new([false]);
        var line = 1;
        for (var at = 0; at < code.Length; at++)
        {
            var c = code[at];
            if (c == '\n')
                line++;
            if (c is '(' or '[' or '{')
                open.Push(open.Peek());
            if (c is ')' or ']' or '}' && open.Count > 1)
                open.Pop();
            if (c is ',' or ';')
                Replace(open, Enclosing(open));
            if (!IsChoice(code, at)) continue;
            if (open.Peek())
                yield return line;
            Replace(open, true);
        }
    }

    public static IEnumerable<int> WideConstructors(string source)
    {
        var code = CodeText.Of(source).Code;
        foreach (Match type in Declared().Matches(code))
        {
            var name = type.Groups[1].Value;
            var constructors = new Regex(
                $@"(?:\b(?:class|record|struct)\s+|(?:public|internal|private|protected)\s+){name}(?:<[^>]*>)?\(");
            foreach (Match constructor in constructors.Matches(code))
            {
                if (Parameters(code, constructor.Index + constructor.Length) > MostParameters)
                    yield return code.AsSpan(0, constructor.Index).Count('\n') + 1;
            }
        }
    }

    /// <summary>A pattern that is always true and only makes a name.</summary>
    public static IEnumerable<int> PatternsForTheirName(string source)
    {
        var lines = CodeText.Of(source).Lines;
        return Enumerable.Range(0, lines.Length).Where(n => IsVar().IsMatch(lines[n])).Select(n => n + 1);
    }

    /// <summary>Semicolons that end a statement: not those of a <c>for</c> or of accessors.</summary>
    private static int Ends(string line) =>
        Accessor().Replace(line, "").Count(c => c == ';') - (2 * For().Count(line));

    private static bool IsEmbedded(string line)
    {
        var match = Header().Match(line);
        if (!match.Success) return ElseWithStatement().IsMatch(line);
        var depth = 0;
        for (var at = match.Length - 1; at < line.Length; at++)
        {
            depth += line[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth > 0) continue;
            var rest = line[(at + 1)..].TrimStart();
            var isIf = match.Groups[1].Value == "if";
            return rest.EndsWith(';')
                && rest != ";"
                && !(isIf && Jump().IsMatch(rest))
                && !line.StartsWith("await using", StringComparison.Ordinal);
        }

        return false;
    }

    private static bool IsChoice(string code, int at) =>
        code[at] == '?' && at > 0 && char.IsWhiteSpace(code[at - 1]) && at + 1 < code.Length && code[at + 1] == ' ';

    private static void Replace(Stack<bool> open, bool value)
    {
        open.Pop();
        open.Push(value);
    }

    /// <summary>What a new segment starts with: whether the brackets themselves stand in a branch.</summary>
    private static bool Enclosing(Stack<bool> open) => open.Skip(1).FirstOrDefault();

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

    [GeneratedRegex(@"\b(?:class|record|struct)\s+(?!class|struct)(\w+)")]
    private static partial Regex Declared();

    [GeneratedRegex(@"\bfor \(")]
    private static partial Regex For();

    [GeneratedRegex(@"\b(?:get|set|init|add|remove);")]
    private static partial Regex Accessor();

    [GeneratedRegex(@"^(?:\} )?(?:else )?(?:await )?(if|for|foreach|while|lock|using|fixed) \(")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?:\} )?else (?!if\b).*;$")]
    private static partial Regex ElseWithStatement();

    [GeneratedRegex(@"^(?:return|throw|continue|break|yield)\b")]
    private static partial Regex Jump();

    [GeneratedRegex(@"\bis (?:[^;()&|]+ and )?var \w")]
    private static partial Regex IsVar();
}
