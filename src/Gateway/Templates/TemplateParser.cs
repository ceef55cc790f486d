using System.Buffers;
using System.Text;

namespace Gateway.Templates;

/// <summary>Reads the text of a template, once.</summary>
internal sealed class TemplateParser(string text)
{
    private const string Unpaired = "has a { or } that does not pair up";

    /// <summary>What ends a name that stands without quotes.</summary>
    private static readonly SearchValues<char> AfterName = SearchValues.Create(" \t.|{}\"':,");

    /// <summary>What ends an argument that stands without quotes.</summary>
    private static readonly SearchValues<char> AfterArgument = SearchValues.Create(",|{}\"'");

    private int _at;

    /// <summary>The pieces, or null and what is wrong.</summary>
    public TemplatePart[]? Read(out string? problem)
    {
        var parts = new List<TemplatePart>();
        problem = null;
        while (_at < text.Length)
        {
            if (text[_at] is '{')
            {
                _at++;
                if (Placeholder(out problem) is not { } part) return null;
                parts.Add(part);
                continue;
            }
            var literal = Until('{', '}');
            if (_at < text.Length && text[_at] is '}')
            {
                problem = Unpaired;
                return null;
            }
            parts.Add(new(literal, null, []));
        }
        return [.. parts];
    }

    private TemplatePart? Placeholder(out string? problem)
    {
        if (Names(out problem) is not { } names || TemplateRoots.Read(names, out problem) is not { } path) return null;
        var filters = new List<TemplateFilter>();
        while (Take('|'))
        {
            if (Filter(out problem) is not { } filter) return null;
            filters.Add(filter);
        }
        if (Take('}')) return new("", path, [.. filters]);
        problem = Unpaired;
        return null;
    }

    private List<string>? Names(out string? problem)
    {
        var names = new List<string>();
        problem = null;
        do
        {
            SkipBlanks();
            var name = IsQuote ? Quoted() : Run(AfterName);
            if (string.IsNullOrEmpty(name))
            {
                problem = _at < text.Length
                    ? "has a placeholder with an empty name: write a path such as {identity.id}, odd names in quotes"
                    : Unpaired;
                return null;
            }
            names.Add(name);
        }
        while (Take('.'));
        return names;
    }

    private TemplateFilter? Filter(out string? problem)
    {
        SkipBlanks();
        var name = Run(AfterName);
        var arguments = new List<string>();
        if (Take(':'))
        {
            do
            {
                SkipBlanks();
                if ((IsQuote ? Quoted() : Run(AfterArgument).Trim()) is not { } argument)
                {
                    problem = "has a quote that is not closed";
                    return null;
                }
                arguments.Add(argument);
            }
            while (Take(','));
        }
        return TemplateFilters.Read(name, [.. arguments], out problem);
    }

    private bool IsQuote => _at < text.Length && text[_at] is '"' or '\'';

    /// <summary>The text between two like quotes, a backslash before one that belongs to it; null: it does not end.</summary>
    private string? Quoted()
    {
        var quote = text[_at++];
        var value = new StringBuilder();
        for (; _at < text.Length; _at++)
        {
            if (text[_at] == quote)
            {
                _at++;
                return value.ToString();
            }
            if (text[_at] is '\\' && _at + 1 < text.Length)
                _at++;
            value.Append(text[_at]);
        }
        return null;
    }

    private string Run(SearchValues<char> end)
    {
        var rest = text.AsSpan(_at);
        var length = rest.IndexOfAny(end);
        var run = length < 0 ? rest : rest[..length];
        _at += run.Length;
        return run.ToString();
    }

    private string Until(char one, char other)
    {
        var rest = text.AsSpan(_at);
        var length = rest.IndexOfAny(one, other);
        var run = length < 0 ? rest : rest[..length];
        _at += run.Length;
        return run.ToString();
    }

    /// <summary>Past this character, if it is the next that is no blank.</summary>
    private bool Take(char wanted)
    {
        SkipBlanks();
        if (_at >= text.Length || text[_at] != wanted) return false;
        _at++;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && (text[_at] is ' ' or '\t'))
            _at++;
    }
}
