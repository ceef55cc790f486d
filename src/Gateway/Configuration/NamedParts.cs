using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>Takes one part: its name as the index spells it, its entry there, and its value.</summary>
internal delegate void PartReader<in T>(string name, T entry, JsonElement value);

/// <summary>
/// A list whose items are one part with its value each, such as <c>- SessionAge: "00:15:00"</c>; an index says which parts
/// there are.
/// </summary>
internal static class NamedParts
{
    /// <summary>Has each known part read, its problems placed under its name; what is no part is a problem, too.</summary>
    /// <param name="kind">What a part is called, such as <c>condition</c>.</param>
    public static void Read<T>(
        JsonElement list, string kind, IReadOnlyDictionary<string, T> index, PlacedProblems problems, PartReader<T> read)
    {
        if (list.ValueKind is not JsonValueKind.Array)
        {
            problems.Add($"is not a list: write each {kind} behind a dash");
            return;
        }
        foreach (var (place, item) in list.EnumerateArray().Index())
            problems.Under($"{place}", () => ReadOne(item, kind, index, problems, read));
    }

    private static void ReadOne<T>(
        JsonElement item, string kind, IReadOnlyDictionary<string, T> index, PlacedProblems problems, PartReader<T> read)
    {
        if (item.ValueKind is not JsonValueKind.Object || item.GetPropertyCount() is not 1)
        {
            problems.Add($"is not one {kind} with its value; known {kind}s are {string.Join(", ", index.Keys.Order())}");
            return;
        }
        var part = item.EnumerateObject().First();
        problems.Under(part.Name, () =>
        {
            if (index.Keys.FirstOrDefault(key => key.Equals(part.Name, StringComparison.OrdinalIgnoreCase)) is { } name)
                read(name, index[name], part.Value);
            else
                problems.Add($"is an unknown {kind}{Suggestion.For(part.Name, index.Keys)}");
        });
    }
}
