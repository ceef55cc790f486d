using System.Text.Json;
using Gateway.Decisions;
using Gateway.Templates;

namespace Gateway.Forwarding.Mutators;

/// <summary>
/// Names with a template each. What only the caller decides is rendered once for a cached caller, the rest for every request.
/// </summary>
internal sealed class NamedTemplates
{
    private readonly HeaderTemplate[] _templates;
    private readonly Func<string?, string?> _sent;
    private readonly bool _anyNeedsRequest;

    private NamedTemplates(string[] names, HeaderTemplate[] templates, Func<string?, string?> sent)
    {
        (Names, _templates, _sent) = (names, templates, sent);
        _anyNeedsRequest = templates.Any(template => template.NeedsRequest);
        NeedsSession = templates.Any(template => template.NeedsSession);
    }

    public string[] Names { get; }

    public bool NeedsSession { get; }

    /// <summary>Reads a map of names and templates; null, with every problem listed, when it is bad.</summary>
    /// <param name="problemOf">What is wrong with a name, or null.</param>
    /// <param name="sent">What a text becomes when it is sent; null: nothing.</param>
    public static NamedTemplates? Read(
        JsonElement json, MutatorReading reading, Func<string, string?> problemOf, Func<string?, string?> sent)
    {
        var before = reading.Problems.All.Count;
        var templates = new Dictionary<string, HeaderTemplate>(HeaderAliases.Comparer);
        if (json.ValueKind is not JsonValueKind.Object || json.GetPropertyCount() == 0)
        {
            reading.Problems.Add("is not a map of names and templates: write { X-User: \"{caller.subject}\" }");
            return null;
        }
        foreach (var property in json.EnumerateObject())
            reading.Problems.Under(property.Name, () => Read(property, templates, reading, problemOf(property.Name)));
        return reading.Problems.All.Count > before ? null : new([.. templates.Keys], [.. templates.Values], sent);
    }

    /// <summary>The values in the order of <see cref="Names"/>; null where nothing is sent.</summary>
    public string?[] Values(HttpContext context, Caller? caller)
    {
        var ofCaller = OfCaller(caller);
        return _anyNeedsRequest ? OfRequest(context, caller, ofCaller) : ofCaller;
    }

    private static void Read(
        JsonProperty property, Dictionary<string, HeaderTemplate> templates, MutatorReading reading, string? badName)
    {
        if (badName is not null)
            reading.Problems.Add(badName);
        var text = property.Value.ValueKind is JsonValueKind.String ? property.Value.GetString()! : "";
        var template = HeaderTemplate.Read(text, out var problem);
        if (template is null)
            reading.Problems.Add(problem!);
        else if (!templates.TryAdd(property.Name, template))
            reading.Problems.Add("is the same name as another here to a service that does not tell their spellings apart");
    }

    private string?[] OfCaller(Caller? caller)
    {
        if (caller?.Find(this) is string?[] known) return known;
        using var session = caller?.ParseSession(NeedsSession);
        var context = new TemplateContext(session?.RootElement ?? default, caller);
        var values = new string?[_templates.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _templates[i].NeedsRequest ? null : _sent(_templates[i].Render(context));
        caller?.Keep(this, values);
        return values;
    }

    private string?[] OfRequest(HttpContext http, Caller? caller, string?[] ofCaller)
    {
        var needsSession = _templates.Any(template => template is { NeedsRequest: true, NeedsSession: true });
        using var session = caller?.ParseSession(needsSession);
        var context = new TemplateContext(session?.RootElement ?? default, caller, http);
        var values = (string?[])ofCaller.Clone();
        for (var i = 0; i < values.Length; i++)
            if (_templates[i].NeedsRequest)
                values[i] = _sent(_templates[i].Render(context));
        return values;
    }
}
