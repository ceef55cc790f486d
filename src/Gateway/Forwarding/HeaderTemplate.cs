using System.Text;
using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Forwarding;

/// <summary>
/// A header value with placeholders over the session's JSON: <c>{identity.…}</c> starts at the identity, <c>{session.…}</c> at
/// the session, names are joined by dots. Text, numbers and booleans come as they are, objects and lists as JSON.
/// </summary>
internal sealed class HeaderTemplate
{
    /// <summary>Longer values are not sent: services commonly refuse 8 kB of headers in all.</summary>
    public const int MaxLength = 4096;

    private readonly Part[] _parts;

    private HeaderTemplate(Part[] parts) => _parts = parts;

    /// <exception cref="FormatException">The template is malformed; see <see cref="Problem"/>.</exception>
    public static HeaderTemplate Parse(string template) =>
        Problem(template) is { } problem ? throw new FormatException(problem) : new(Split(template));

    /// <summary>What is wrong with a template, or null.</summary>
    public static string? Problem(string template)
    {
        if (template.Length == 0) return "is empty: write a template such as {identity.id}";
        if (template.Any(c => c is < ' ' or > '~')) return "holds a character that cannot stand in a header";
        var parts = Split(template);
        if (parts.Any(p => p.Literal.AsSpan().ContainsAny('{', '}'))) return "has a { or } that does not pair up";
        foreach (var part in parts)
            if (part.Path is { } path && !IsPath(path))
                return $"has the placeholder {{{string.Join('.', path)}}}, which does not start with identity. or session.";
        return parts.Any(p => p.Path is not null) ? null : "has no placeholder, so it would say the same of everybody";
    }

    private static bool IsPath(string[] names) =>
        names.Length >= 2 && names[0] is "identity" or "session" && names.All(name => name.Length > 0);

    /// <summary>The value for this session, or null when every placeholder came out empty or the value is too long.</summary>
    public string? Render(JsonElement session)
    {
        if (_parts is [{ Path: { } path }])
            return Clean(Value(session, path));

        var text = new StringBuilder();
        var any = false;
        foreach (var part in _parts)
        {
            var value = part.Path is null ? part.Literal : Value(session, part.Path);
            any |= part.Path is not null && !string.IsNullOrEmpty(value);
            text.Append(value);
        }
        return any ? Clean(text.ToString()) : null;
    }

    private static string? Value(JsonElement session, string[] path)
    {
        var value = session;
        if (path[0] is "identity" && !Descend(ref value, "identity")) return null;
        for (var i = 1; i < path.Length; i++)
            if (!Descend(ref value, path[i])) return null;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.TextOrNull(),
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => value.GetRawText(),
        };
    }

    private static bool Descend(ref JsonElement value, string name) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out value);

    /// <summary>Control characters would end the header line; they are dropped.</summary>
    private static string? Clean(string? value)
    {
        if (value is null) return null;
        if (value.Any(char.IsControl))
            value = string.Concat(value.Where(c => !char.IsControl(c)));
        value = value.Trim();
        return value.Length is 0 or > MaxLength ? null : value;
    }

    private static Part[] Split(string template)
    {
        var parts = new List<Part>();
        for (var i = 0; i < template.Length;)
        {
            var open = template.IndexOf('{', i);
            var close = open < 0 ? -1 : template.IndexOf('}', open);
            if (close < 0)
            {
                parts.Add(new(template[i..], null));
                break;
            }
            if (open > i)
                parts.Add(new(template[i..open], null));
            parts.Add(new("", template[(open + 1)..close].Split('.')));
            i = close + 1;
        }
        return [.. parts];
    }

    private readonly record struct Part(string Literal, string[]? Path);
}
