using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary>
/// <c>Trait: { Path: email, EndsWith: "@example.org" }</c>: a trait of the identity passes one <see cref="TraitTest"/>.
/// </summary>
internal sealed record TraitCondition(IReadOnlyList<string> Path, TraitTest Test) : RuleCondition
{
    private static readonly string[] Keys = [nameof(Path), .. TraitTest.ByName.Keys];

    public static RuleCondition? Read(JsonElement value, PlacedProblems problems)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            problems.Add("is not a test: write { Path: email, EndsWith: \"@example.org\" }");
            return null;
        }

        var before = problems.All.Count;
        var path = ReadPath(value, problems);
        var test = ReadTest(value, problems);
        return problems.All.Count > before ? null : new TraitCondition(path!, test!);
    }

    public override string Wanted => $"{string.Join('.', Path)} {Test.Wanted}";

    public override Reason? Check(in RuleContext context) =>
        TryFind(context, out var trait) && Test.Passes(trait) ? null : Reason.TraitMismatch;

    public override string? Find(in RuleContext context) => TryFind(context, out var trait) ? Text(trait) : null;

    /// <summary>A text in its own letters, however the session's JSON spells them; anything else as JSON.</summary>
    private static string Text(JsonElement trait)
    {
        var text = trait.ValueKind is JsonValueKind.String ? trait.TextOrNull() : null;
        return text is null ? trait.GetRawText() : $"\"{text}\"";
    }

    /// <summary>False: it is not there, or null.</summary>
    private bool TryFind(in RuleContext context, out JsonElement trait)
    {
        trait = default;
        if (context.Caller.Session is not { } session) return false;
        trait = session.Traits.Json;
        for (var i = 0; i < Path.Count; i++)
        {
            if (trait.ValueKind is not JsonValueKind.Object) return false;
            if (!trait.TryGetProperty(Path[i], out trait)) return false;
        }
        return trait.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
    }

    private static string[]? ReadPath(JsonElement value, PlacedProblems problems)
    {
        var path = value.EnumerateObject().LastOrDefault(IsPath).Value;
        var names = path.ValueKind is JsonValueKind.Undefined ? null : path.AsText()?.Split('.');
        if (names is not null && names.All(name => name.Length > 0)) return names;
        problems.Add("needs Path: the trait's name, or names joined by dots");
        return null;
    }

    private static TraitTest? ReadTest(JsonElement value, PlacedProblems problems)
    {
        var tests = new List<JsonProperty>();
        foreach (var property in value.EnumerateObject().Where(property => !IsPath(property)))
        {
            if (TraitTest.ByName.ContainsKey(property.Name))
                tests.Add(property);
            else
                problems.AddUnknown(property.Name, Keys);
        }
        foreach (var second in tests.Skip(1))
            problems.Under(second.Name, () => problems.Add("is a second test; write a Trait condition for each"));
        if (tests.Count == 0)
        {
            problems.Add($"needs a test: one of {string.Join(", ", TraitTest.ByName.Keys)}");
            return null;
        }
        var test = TraitTest.ByName[tests[0].Name](tests[0].Value.AsTexts(), out var problem);
        if (test is null)
            problems.Add(problem);
        return test;
    }

    private static bool IsPath(JsonProperty property) => property.Name.Equals(nameof(Path), StringComparison.OrdinalIgnoreCase);
}
