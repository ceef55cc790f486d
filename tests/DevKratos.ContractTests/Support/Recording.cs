using System.Text.Json;
using System.Text.Json.Serialization;

namespace DevKratos.ContractTests.Support;

/// <summary>
/// One recorded exchange with a real Kratos: what must have happened before, the request, and the answer with changing values
/// replaced by names.
/// </summary>
internal sealed record Recording(
    string Name,
    RecordedRequest Request,
    RecordedAnswer Answer,
    string? Variant = null,
    IReadOnlyList<string>? Given = null,
    IReadOnlyList<RecordedRequest>? Before = null)
{
    /// <summary>Needs a Kratos without other identities.</summary>
    public bool Alone { get; init; }
}

/// <summary>Names in braces stand for values of this run; <see cref="StageVariables"/> lists them.</summary>
internal sealed record RecordedRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Headers, string? Port = null, string? Body = null);

/// <summary>
/// Headers that change with transport or time are not recorded. <see cref="Ignore"/> names headers the recording does not decide.
/// </summary>
internal sealed record RecordedAnswer(
    int Status,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Headers,
    JsonElement? Json = null,
    string? Text = null,
    IReadOnlyList<string>? Ignore = null);

internal sealed record RecordingFile(
    [property: JsonPropertyName("recorded_from")] string RecordedFrom, IReadOnlyList<Recording> Cases);

[JsonSerializable(typeof(RecordingFile))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class RecordingJson : JsonSerializerContext;

internal static class Recordings
{
    private static readonly Lazy<Dictionary<string, Recording>> All = new(Load);

    public static IEnumerable<string> Names => All.Value.Keys;

    public static Recording Get(string name) => All.Value[name];

    private static Dictionary<string, Recording> Load()
    {
        Dictionary<string, Recording> all = [];
        foreach (var path in Directory.EnumerateFiles(
            Path.Combine(AppContext.BaseDirectory, "Recordings"), "*.json").Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(path);
            var file = JsonSerializer.Deserialize(stream, RecordingJson.Default.RecordingFile)!;
            foreach (var recording in file.Cases)
                all.Add($"{Path.GetFileNameWithoutExtension(path)}: {recording.Name}", recording);
        }

        return all;
    }
}
