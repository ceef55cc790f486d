using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Configuration;

/// <summary>A configuration section as JSON: maps, lists and texts.</summary>
internal static class ConfigurationJson
{
    public static JsonElement Of(IConfigurationSection section) =>
        JsonSerializer.SerializeToElement(Node(section), ConfigurationJsonContext.Default.JsonNode!);

    private static JsonNode? Node(IConfigurationSection section)
    {
        var children = section.GetChildren().ToArray();
        if (children.Length == 0 && section.Value is null) return null;
        if (children.Length == 0) return JsonValue.Create(section.Value, ConfigurationJsonContext.Default.String);
        return children.All(c => int.TryParse(c.Key, out _))
            ? new JsonArray([.. children.Select(Node)])
            : new JsonObject(children.Select(c => KeyValuePair.Create(c.Key, Node(c))));
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonNode))]
[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class ConfigurationJsonContext : System.Text.Json.Serialization.JsonSerializerContext;
