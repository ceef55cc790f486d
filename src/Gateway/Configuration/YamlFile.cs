using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.Configuration;

/// <summary>Flattens a YAML document to configuration keys: maps by name, lists by index, scalars as text.</summary>
internal static class YamlFile
{
    /// <summary>
    /// Far more than any configuration needs: deeper, or longer once its aliases are written out, a file is a mistake that
    /// would end the process.
    /// </summary>
    private const int MaxDepth = 64, MaxValues = 1_000_000;

    /// <exception cref="FormatException">The text is not one YAML map; the message names the line.</exception>
    public static Dictionary<string, string?> Read(Stream stream)
    {
        using var file = new StreamReader(stream);
        var text = file.ReadToEnd();
        var yaml = new YamlStream();
        try
        {
            CheckDepth(text);
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            var what = e.InnerException?.Message ?? e.Message;
            throw new FormatException($"line {e.Start.Line}, column {e.Start.Column}: {what}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet's scanner gives up without a line.
            throw new FormatException("it is not readable YAML: look for a bracket or brace that is not closed", e);
        }

        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (yaml.Documents.Count > 1) throw new FormatException("the file holds several YAML documents; one is expected");
        if (yaml.Documents.Count == 1)
            Flatten(yaml.Documents[0].RootNode, "", 0, data);
        return data;
    }

    /// <summary>The reader of the whole document recurses, this one does not.</summary>
    private static void CheckDepth(string text)
    {
        var depth = 0;
        for (var parser = new Parser(new StringReader(text)); parser.MoveNext();)
            if ((depth += parser.Current!.NestingIncrease) > MaxDepth + 2) throw TooDeep(parser.Current.Start);
    }

    private static FormatException TooDeep(Mark place) =>
        new($"line {place.Line}: nested deeper than {MaxDepth} levels; does an alias refer to what it stands in?");

    private static void Flatten(YamlNode node, string path, int depth, Dictionary<string, string?> data)
    {
        if (depth > MaxDepth) throw TooDeep(node.Start);
        switch (node)
        {
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                    Flatten(value, Child(path, Name(key)), depth + 1, data);
                if (map.Children.Count == 0 && path.Length > 0)
                    Add(path, null, node, data);
                break;
            case YamlSequenceNode list when path.Length > 0:
                for (var i = 0; i < list.Children.Count; i++)
                    Flatten(list.Children[i], Child(path, i.ToString(CultureInfo.InvariantCulture)), depth + 1, data);
                if (list.Children.Count == 0)
                    Add(path, null, node, data);
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
        key is YamlScalarNode { Value.Length: > 0 } name
            ? name.Value
            : throw new FormatException($"line {key.Start.Line}: a key must be plain text");

    private static void Add(string path, string? value, YamlNode node, Dictionary<string, string?> data)
    {
        if (!data.TryAdd(path, value))
            throw new FormatException($"line {node.Start.Line}: {path} is set twice");
        if (data.Count > MaxValues)
            throw new FormatException($"line {node.Start.Line}: more than {MaxValues} values");
    }

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style is ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";

    private static string Child(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";
}
