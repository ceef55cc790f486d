using System.Text;

namespace Gateway.Templates;

/// <summary>
/// A text with placeholders, <c>{path | filter: argument}</c>, compiled when the configuration is read. The syntax is in
/// docs/templates.md.
/// </summary>
internal sealed class Template
{
    private readonly TemplatePart[] _parts;

    private Template(TemplatePart[] parts) => _parts = parts;

    /// <summary>Whether it says the same of everybody.</summary>
    public bool IsConstant => _parts.All(part => part.Path is null);

    /// <summary>Whether it reads the session's JSON.</summary>
    public bool NeedsSession => _parts.Any(part => part.Path is { NeedsSession: true });

    /// <summary>Whether it may differ between two requests of one caller.</summary>
    public bool NeedsRequest => _parts.Any(part => part.Path is { NeedsRequest: true });

    /// <summary>Whether it is over the session and nothing else.</summary>
    public bool IsOfSessionOnly => _parts.All(part => part.Path?.NeedsSession ?? true);

    /// <summary>The template, or null and what is wrong with the text, with the cure.</summary>
    public static Template? Read(string text, out string? problem)
    {
        var parts = new TemplateParser(text).Read(out problem);
        return parts is null ? null : new(parts);
    }

    /// <summary>The whole as a text; null when it has placeholders and each came out empty.</summary>
    public string? Text(in TemplateContext context)
    {
        if (_parts is [{ Path: not null } only]) return only.Value(context).AsText();
        var text = new StringBuilder();
        var any = IsConstant;
        foreach (var part in _parts)
        {
            var value = part.Path is null ? part.Literal : part.Value(context).AsText();
            any |= part.Path is not null && !string.IsNullOrEmpty(value);
            text.Append(value);
        }
        return any ? text.ToString() : null;
    }

    /// <summary>As <see cref="Text"/>, without the blanks that the template's own text puts at an end of the whole.</summary>
    public string? Line(in TemplateContext context)
    {
        if (_parts is [{ Path: not null } only]) return only.Value(context).AsText();
        var values = new string?[_parts.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _parts[i].Path is null ? _parts[i].Literal : _parts[i].Value(context).AsText();
        if (!IsConstant && !values.Index().Any(value => IsOfCaller(value.Index, value.Item))) return null;
        for (var i = 0; i < values.Length && !IsOfCaller(i, values[i]); i++)
            if (!string.IsNullOrEmpty(values[i] = values[i]?.TrimStart())) break;
        for (var i = values.Length - 1; i >= 0 && !IsOfCaller(i, values[i]); i--)
            if (!string.IsNullOrEmpty(values[i] = values[i]?.TrimEnd())) break;
        return string.Concat(values);
    }

    /// <summary>Whether a piece is what a placeholder came out as, and not nothing.</summary>
    private bool IsOfCaller(int part, string? value) => _parts[part].Path is not null && !string.IsNullOrEmpty(value);

    /// <summary>A placeholder that stands alone keeps its JSON type; anything else is a text.</summary>
    public TemplateValue Value(in TemplateContext context) =>
        _parts is [{ Path: not null } only] ? only.Value(context) : TemplateValue.Of(Text(context));
}

/// <summary>A piece of a template: literal text, or a placeholder.</summary>
/// <param name="Path">Null: literal text.</param>
internal sealed record TemplatePart(string Literal, TemplatePath? Path, TemplateFilter[] Filters)
{
    public TemplateValue Value(in TemplateContext context)
    {
        var value = Path!.Value(context);
        foreach (var filter in Filters)
            value = filter(value);
        return value;
    }
}
