using System.Text;

namespace Gateway.UnitTests.Style;

/// <summary>
/// A C# file with its comments and the text of its literals blanked, character for character, so that what is left can be
/// searched without a compiler. The code in the holes of interpolated strings stays, in round brackets.
/// </summary>
internal sealed class CodeText
{
    private readonly string _source;
    private readonly StringBuilder _code;
    private readonly HashSet<int> _rawLines = [];
    private int _at;

    private CodeText(string source)
    {
        _source = source;
        _code = new StringBuilder(source);
        ReadCode(closing: '\0');
        Code = _code.ToString();
        Lines = source.Split('\n');
    }

    /// <summary>As long as the source, with the same line breaks.</summary>
    public string Code { get; }

    /// <summary>Of the source, with comments and literals.</summary>
    public string[] Lines { get; }

    public static CodeText Of(string source) => new(source);

    /// <summary>Whether a raw string literal touches the line, counted from one.</summary>
    public bool IsRaw(int line) => _rawLines.Contains(line);

    /// <summary>Counted from one.</summary>
    public int LineAt(int position) => _source.AsSpan(0, Math.Min(position, _source.Length)).Count('\n') + 1;

    /// <summary>Up to the end, or to the bracket that closes a hole.</summary>
    private void ReadCode(char closing)
    {
        var depth = 0;
        while (_at < _source.Length)
        {
            var c = _source[_at];
            if (c == closing && depth == 0) return;
            if (StartsWith("//"))
                Blank(EndOf("\n"));
            else if (StartsWith("/*"))
                Blank(EndOf("*/") + 2);
            else if (c == '\'')
                ReadPlain('\'', dollars: 0, verbatim: false);
            else if (c is '"' or '$' or '@' && TryReadString())
                continue;
            else
                depth += Step(c);
        }
    }

    private int Step(char c)
    {
        _at++;
        return c switch
        {
            '{' or '(' or '[' => 1,
            '}' or ')' or ']' => -1,
            _ => 0,
        };
    }

    private bool TryReadString()
    {
        var start = _at;
        while (_at < _source.Length && _source[_at] is '$' or '@')
            _at++;
        var prefix = _source[start.._at];
        var quotes = _at;
        while (quotes < _source.Length && _source[quotes] == '"')
            quotes++;
        var count = quotes - _at;
        if (count == 0)
        {
            _at = Math.Max(_at, start + 1);
            return true;
        }

        if (count >= 3)
            ReadRaw(count, prefix.Length);
        else
            ReadPlain('"', prefix.Count(p => p == '$'), prefix.Contains('@', StringComparison.Ordinal));
        return true;
    }

    private void ReadPlain(char quote, int dollars, bool verbatim)
    {
        _at++;
        while (_at < _source.Length && _source[_at] != quote || verbatim && StartsWith("\"\""))
        {
            if (_source[_at] == '\\' && !verbatim
                || verbatim && StartsWith("\"\"")
                || dollars > 0 && (StartsWith("{{") || StartsWith("}}")))
                Blank(_at + 2);
            else if (dollars > 0 && _source[_at] == '{')
                ReadHole(braces: 1);
            else
                Blank(_at + 1);
        }

        _at++;
    }

    private void ReadRaw(int quotes, int dollars)
    {
        var end = new string('"', quotes);
        var hole = new string('{', Math.Max(dollars, 1));
        var first = LineAt(_at);
        _at += quotes;
        while (_at < _source.Length && !StartsWith(end))
        {
            if (dollars > 0 && StartsWith(hole))
                ReadHole(dollars);
            else
                Blank(_at + 1);
        }

        _at += quotes;
        for (var line = first; line <= LineAt(_at); line++)
            _rawLines.Add(line);
    }

    private void ReadHole(int braces)
    {
        Replace(_at + braces, '(');
        ReadCode(closing: '}');
        Replace(_at + braces, ')');
    }

    private void Blank(int end) => Replace(end, ' ');

    private void Replace(int end, char with)
    {
        for (; _at < Math.Min(end, _source.Length); _at++)
        {
            if (_source[_at] != '\n')
                _code[_at] = with;
        }
    }

    private bool StartsWith(string text) => string.CompareOrdinal(_source, _at, text, 0, text.Length) == 0;

    private int EndOf(string text)
    {
        var end = _source.IndexOf(text, _at, StringComparison.Ordinal);
        return end < 0 ? _source.Length : end;
    }
}
