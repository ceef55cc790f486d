using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevKratos.State;

/// <summary>What a person sent to a flow, from a form or from JSON.</summary>
internal sealed record Submission(IReadOnlyDictionary<string, string> Fields, JsonElement? Traits)
{
    public static readonly Submission Empty = new(new Dictionary<string, string>(), null);

    public string? this[string name] => Fields.TryGetValue(name, out var value) ? value : null;

    public string? Method => this["method"];

    public string? CsrfToken => this["csrf_token"];

    /// <summary>What was sent, or Kratos' words for why it cannot be read. A GET has sent nothing.</summary>
    public static async Task<(Submission Form, string? Complaint)> ReadAsync(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return (Empty, null);
        if (request.HasFormContentType) return (FromForm(await request.ReadFormAsync()), null);
        if (!request.HasJsonContentType())
            return (Empty, $"HTTP {request.Method} Request used unknown HTTP Header \"Content-Type: {request.ContentType}\", "
                + $"only [multipart/form-data application/x-www-form-urlencoded application/json] are supported.");
        try
        {
            using var document = await JsonDocument.ParseAsync(
                request.Body, cancellationToken: request.HttpContext.RequestAborted);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return (FromJson(document.RootElement), null);
        }
        catch (JsonException)
        {
            // The same complaint as about JSON that is no object.
        }

        return (Empty, "Unable to decode form as JSON.");
    }

    private static Submission FromForm(IFormCollection form)
    {
        Dictionary<string, string> fields = [];
        JsonObject traits = [];
        foreach (var (name, values) in form)
        {
            var value = values.ToString();
            fields[name] = value;
            if (name.StartsWith("traits.", StringComparison.Ordinal) && value.Length > 0)
                Put(traits, name["traits.".Length..].Split('.'), value);
        }

        return new Submission(fields, traits.Count == 0 ? null : Freeze(traits));
    }

    private static Submission FromJson(JsonElement body)
    {
        Dictionary<string, string> fields = [];
        Flatten(body, "", fields);
        return new Submission(fields, body.TryGetProperty("traits", out var traits) ? traits.Clone() : null);
    }

    private static void Flatten(JsonElement element, string prefix, Dictionary<string, string> fields)
    {
        foreach (var member in element.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object)
                Flatten(member.Value, prefix + member.Name + ".", fields);
            else if (member.Value.ValueKind == JsonValueKind.String)
                fields[prefix + member.Name] = member.Value.GetString()!;
            else if (member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array))
                fields[prefix + member.Name] = member.Value.GetRawText();
        }
    }

    private static void Put(JsonObject into, ReadOnlySpan<string> path, string value)
    {
        if (path.Length == 1)
        {
            into[path[0]] = value;
            return;
        }

        if (into[path[0]] is not JsonObject inner)
            into[path[0]] = inner = [];
        Put(inner, path[1..], value);
    }

    private static JsonElement Freeze(JsonObject value)
    {
        using var document = JsonDocument.Parse(value.ToJsonString());
        return document.RootElement.Clone();
    }
}
