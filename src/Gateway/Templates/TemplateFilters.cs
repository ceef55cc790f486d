using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Configuration;

namespace Gateway.Templates;

/// <summary>Makes another value of a placeholder's.</summary>
internal delegate TemplateValue TemplateFilter(TemplateValue value);

/// <summary>The index of filters.</summary>
internal static class TemplateFilters
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, Kind> ByName = new(StringComparer.Ordinal)
    {
        ["default"] = new("one text: default: \"none\"", 1, 1, arguments => value => Default(value, arguments[0])),
        ["join"] = new("one text to put between: join: \",\"", 1, 1, arguments => value => Join(value, arguments[0])),
        ["first"] = new("nothing", 0, 0, _ => value => At(value, 0)),
        ["index"] = new("one number from 0 on: index: 1", 1, 1, arguments => Index(arguments[0])),
        ["lower"] = new("nothing", 0, 0, _ => value => TemplateValue.Of(value.AsText()?.ToLowerInvariant())),
        ["upper"] = new("nothing", 0, 0, _ => value => TemplateValue.Of(value.AsText()?.ToUpperInvariant())),
        ["json"] = new("nothing", 0, 0, _ => Json),
        ["base64"] = new("nothing", 0, 0, _ => Base64),
        ["equals"] = new("one text: equals: \"gold\"", 1, 1, arguments => value => Equals(value, arguments[0])),
        ["contains"] = new("one text: contains: \"admin\"", 1, 1, arguments => value => Contains(value, arguments[0])),
        ["if"] = new("one or two texts: if: \"yes\", \"no\"", 1, 2, arguments => value => If(value, arguments)),
    };

    /// <summary>The filter of this name with these arguments, or what is wrong with it.</summary>
    public static TemplateFilter? Read(string name, string[] arguments, out string? problem)
    {
        problem = null;
        if (!ByName.TryGetValue(name, out var kind))
        {
            problem = $"has the unknown filter {name}{Suggestion.For(name, ByName.Keys)}";
            return null;
        }
        var filter = arguments.Length < kind.Least || arguments.Length > kind.Most ? null : kind.Create(arguments);
        if (filter is null)
            problem = $"has the filter {name} with {arguments.Length} arguments that do not fit: it takes {kind.Takes}";
        return filter;
    }

    private static TemplateValue Default(TemplateValue value, string other) => value.IsEmpty ? TemplateValue.Of(other) : value;

    /// <summary>The items of a list that are something, as texts; whatever is no list stays.</summary>
    private static TemplateValue Join(TemplateValue value, string separator)
    {
        if (value.Json.ValueKind is not JsonValueKind.Array) return value;
        var items = value.Json.EnumerateArray().Select(item => TemplateValue.Of(item).AsText());
        return TemplateValue.Of(string.Join(separator, items.Where(item => !string.IsNullOrEmpty(item))));
    }

    private static TemplateFilter? Index(string argument) =>
        int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? value => At(value, index) : null;

    /// <summary>What is no list is its own first item.</summary>
    private static TemplateValue At(TemplateValue value, int index)
    {
        if (value.Json.ValueKind is not JsonValueKind.Array) return index == 0 ? value : TemplateValue.None;
        return index < value.Json.GetArrayLength() ? TemplateValue.Of(value.Json[index]) : TemplateValue.None;
    }

    private static TemplateValue Json(TemplateValue value) =>
        TemplateValue.Of(value.Text is null ? value.AsText() : JsonSerializer.Serialize(value.Text, Plain));

    private static TemplateValue Base64(TemplateValue value) =>
        TemplateValue.Of(value.AsText() is { } text ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : null);

    private static TemplateValue Equals(TemplateValue value, string other) => TemplateValue.Of(value.AsText() == other);

    private static TemplateValue Contains(TemplateValue value, string part)
    {
        if (value.Json.ValueKind is JsonValueKind.Array)
            return TemplateValue.Of(value.Json.EnumerateArray().Any(item => TemplateValue.Of(item).AsText() == part));
        return TemplateValue.Of(value.Text?.Contains(part, StringComparison.Ordinal) ?? false);
    }

    private static TemplateValue If(TemplateValue value, string[] arguments)
    {
        if (!value.IsNo) return TemplateValue.Of(arguments[0]);
        return arguments.Length > 1 ? TemplateValue.Of(arguments[1]) : TemplateValue.None;
    }

    /// <param name="Takes">Its arguments, for who gives others.</param>
    private sealed record Kind(string Takes, int Least, int Most, Func<string[], TemplateFilter?> Create);
}
