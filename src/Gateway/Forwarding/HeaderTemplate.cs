using Gateway.Templates;

namespace Gateway.Forwarding;

/// <summary>A template whose text becomes a header's value.</summary>
internal sealed class HeaderTemplate
{
    private readonly Template _template;

    private HeaderTemplate(Template template) => _template = template;

    public bool NeedsSession => _template.NeedsSession;

    public bool NeedsRequest => _template.NeedsRequest;

    /// <exception cref="FormatException">The template is malformed; see <see cref="Problem"/>.</exception>
    public static HeaderTemplate Parse(string template) =>
        Read(template, out var problem) ?? throw new FormatException(problem);

    /// <summary>The template, or null and what is wrong with it.</summary>
    public static HeaderTemplate? Read(string text, out string? problem)
    {
        problem = null;
        if (text.Length == 0)
            problem = "is empty: write a template such as {identity.id}";
        else if (text.Any(c => c is < ' ' or > '~'))
            problem = "holds a character that cannot stand in a header";
        if (problem is not null) return null;
        return Template.Read(text, out problem) is { } template ? new(template) : null;
    }

    /// <summary>What is wrong with the template of an identity header, or null: it is over the session alone.</summary>
    public static string? Problem(string text)
    {
        if (Read(text, out var problem) is not { } read) return problem;
        if (!read._template.IsOfSessionOnly)
            return "has a placeholder that starts neither with identity. nor with session.: a rule's Headers can have it";
        return read._template.IsConstant ? "has no placeholder, so it would say the same of everybody" : null;
    }

    /// <summary>
    /// The text, not yet as a header can carry it; null when every placeholder came out empty. Blanks of the template's own at
    /// its ends are no part of it: a last name may be missing.
    /// </summary>
    public string? Render(in TemplateContext context) => _template.Line(context);
}
