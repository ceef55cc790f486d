using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.Configuration;

/// <summary>Flattens a YAML document to configuration keys: maps by name, lists by index, scalars as text.</summary>
internal static class YamlFile
{
    /// <exception cref="FormatException">The text is not one YAML map; the message names the line.</exception>
    public static Dictionary<string, string?> Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        var yaml = new YamlStream();
        try
        {
            yaml.Load(reader);
        }
        catch (YamlException e)
        {
            throw new FormatException($"line {e.Start.Line}, column {e.Start.Column}: {e.InnerException?.Message ?? e.Message}", e);
        }

        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new FormatException("it is not readable YAML: look for a bracket or brace that is not closed", e); // YamlDotNet's scanner gives up without a line
        }

        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (yaml.Documents.Count > 1) throw new FormatException("the file holds several YAML documents; one is expected");
        if (yaml.Documents.Count == 1) Flatten(yaml.Documents[0].RootNode, "", data);
        return data;
    }

    private static void Flatten(YamlNode node, string path, Dictionary<string, string?> data)
    {
        switch (node)
        {
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                    Flatten(value, Child(path, Name(key)), data);
                if (map.Children.Count == 0 && path.Length > 0) Add(path, null, node, data);
                break;
            case YamlSequenceNode list when path.Length > 0:
                for (var i = 0; i < list.Children.Count; i++)
                    Flatten(list.Children[i], Child(path, i.ToString(CultureInfo.InvariantCulture)), data);
                if (list.Children.Count == 0) Add(path, null, node, data);
                break;
            case YamlScalarNode scalar when path.Length > 0:
                Add(path, IsNull(scalar) ? null : scalar.Value, node, data);
                break;
            case YamlScalarNode scalar when IsNull(scalar): // an empty file
                break;
            default:
                throw new FormatException("the file is not a map of sections");
        }
    }

    private static string Name(YamlNode key) =>
        key is YamlScalarNode { Value.Length: > 0 } name ? name.Value : throw new FormatException($"line {key.Start.Line}: a key must be plain text");

    private static void Add(string path, string? value, YamlNode node, Dictionary<string, string?> data)
    {
        if (!data.TryAdd(path, value))
            throw new FormatException($"line {node.Start.Line}: {path} is set twice");
    }

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style is ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";

    private static string Child(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";
}
