using System.Text.Json;
using Gateway.Decisions;

namespace Gateway.Templates;

/// <summary>What a placeholder came out as: nothing, a text, or another JSON value.</summary>
internal readonly struct TemplateValue
{
    private static readonly TemplateValue True = new(null, JsonElement.Parse("true"));
    private static readonly TemplateValue False = new(null, JsonElement.Parse("false"));

    private TemplateValue(string? text, JsonElement json) => (Text, Json) = (text, json);

    public static TemplateValue None => default;

    /// <summary>Null unless it is a text.</summary>
    public string? Text { get; }

    /// <summary>A number, boolean, list or object; undefined for a text and for nothing.</summary>
    public JsonElement Json { get; }

    /// <summary>Nothing, or a text without characters.</summary>
    public bool IsEmpty => Json.ValueKind is JsonValueKind.Undefined && string.IsNullOrEmpty(Text);

    /// <summary>Whether a condition takes it for a no: nothing, <c>false</c>, an empty text, list or object.</summary>
    public bool IsNo => Json.ValueKind switch
    {
        JsonValueKind.Undefined => string.IsNullOrEmpty(Text),
        JsonValueKind.False => true,
        JsonValueKind.Array => Json.GetArrayLength() == 0,
        JsonValueKind.Object => Json.GetPropertyCount() == 0,
        _ => false,
    };

    public static TemplateValue Of(string? text) => new(text, default);

    public static TemplateValue Of(bool value) => value ? True : False;

    public static TemplateValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => Of(json.TextOrNull()),
        JsonValueKind.Null or JsonValueKind.Undefined => None,
        _ => new(null, json),
    };

    /// <summary>Text, numbers and booleans as they are, lists and objects as JSON; null: nothing.</summary>
    public string? AsText() => Json.ValueKind is JsonValueKind.Undefined ? Text : Json.GetRawText();

    /// <summary>Writes it with its JSON type; nothing is <c>null</c>.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (Json.ValueKind is JsonValueKind.Undefined)
            writer.WriteStringValue(Text);
        else
            Json.WriteTo(writer);
    }
}
