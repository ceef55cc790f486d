using System.Globalization;
using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>
/// Flattens a JSON document to configuration keys, as ASP.NET Core's own provider does. Comments and trailing commas are
/// allowed.
/// </summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="FormatException">The text is not one JSON object.</exception>
    public static Dictionary<string, string?> Read(Stream stream)
    {
        try
        {
            using var json = JsonDocument.Parse(stream, Lenient);
            if (json.RootElement.ValueKind is not JsonValueKind.Object)
                throw new FormatException("the file is not a map of sections");
            var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            Flatten(json.RootElement, "", data);
            return data;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the last: text that is no Unicode
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static void Flatten(JsonElement element, string path, Dictionary<string, string?> data)
    {
        var before = data.Count;
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                    Flatten(property.Value, Child(path, property.Name), data);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    Flatten(item, Child(path, index++.ToString(CultureInfo.InvariantCulture)), data);
                break;
            default:
                Add(path, element.ValueKind is JsonValueKind.Null ? null : element.ToString(), data);
                return;
        }
        if (data.Count == before && path.Length > 0)
            Add(path, null, data);
    }

    private static void Add(string path, string? value, Dictionary<string, string?> data)
    {
        if (!data.TryAdd(path, value)) throw new FormatException($"{path} is set twice");
    }

    private static string Child(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";
}
