using System.Text.Json;

namespace Gateway.Rules;

/// <summary>Configuration values as conditions read them: always text, or a list of texts.</summary>
internal static class RuleValues
{
    /// <summary>The property of this name in any letter case; of several, the last.</summary>
    public static JsonElement? Get(this JsonElement json, string name)
    {
        JsonElement? found = null;
        foreach (var property in json.EnumerateObject())
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                found = property.Value;
        return found;
    }

    public static string? AsText(this JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>A list of texts; a single text counts as a list of one; null when it is neither.</summary>
    public static IReadOnlyList<string>? AsTexts(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind is JsonValueKind.String) =>
            [.. value.EnumerateArray().Select(v => v.GetString()!)],
        _ => null,
    };
}
