using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Kratos;

namespace Gateway.Rules.Conditions;

internal enum TraitTest { Equals, In, StartsWith, EndsWith, Contains, Exists }

/// <summary>
/// <c>Trait: { Path: email, EndsWith: "@example.org" }</c>: a trait of the identity passes one test. Text is compared exactly,
/// case included; a number or boolean by its JSON text; a missing trait passes no test.
/// </summary>
internal sealed record TraitCondition(IReadOnlyList<string> Path, TraitTest Test, IReadOnlyList<string> Values) : RuleCondition
{
    private static readonly string[] Keys = [nameof(Path), .. Enum.GetNames<TraitTest>()];

    public static RuleCondition? Read(JsonElement value, RuleProblems problems)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            problems.Add("is not a test: write { Path: email, EndsWith: \"@example.org\" }");
            return null;
        }

        var before = problems.All.Count;
        string? path = null;
        TraitTest? test = null;
        IReadOnlyList<string>? values = null;
        foreach (var property in value.EnumerateObject())
        {
            if (property.Name.Equals(nameof(Path), StringComparison.OrdinalIgnoreCase))
                path = property.Value.AsText();
            else if (!Enum.TryParse<TraitTest>(property.Name, ignoreCase: true, out var named) || int.TryParse(property.Name, out _))
                problems.Under(property.Name, () => problems.Add($"is an unknown key{Suggestion.For(property.Name, Keys)}"));
            else if (test is not null)
                problems.Under(property.Name, () => problems.Add("is a second test; write a Trait condition for each"));
            else
                (test, values) = (named, property.Value.AsTexts());
        }

        if (string.IsNullOrEmpty(path) || path.Split('.').Any(s => s.Length == 0))
            problems.Add("needs Path: the trait's name, or names joined by dots");
        if (test is null)
            problems.Add($"needs a test: one of {string.Join(", ", Enum.GetNames<TraitTest>())}");
        else if (test is TraitTest.Exists ? values is not [var only] || !bool.TryParse(only, out var wanted) || !wanted : values is null or [] || values.Any(v => v.Length == 0) || test is not TraitTest.In && values.Count > 1)
            problems.Add(test switch { TraitTest.Exists => "has Exists, which can only be true", TraitTest.In => "has In, which needs a list of values", _ => $"has {test}, which needs one value" });
        return problems.All.Count > before || test is null ? null : new TraitCondition(path!.Split('.'), test.Value, values!);
    }

    public override Reason? Check(in RuleContext context)
    {
        var trait = context.Session.Traits.Json;
        for (var i = 0; i < Path.Count; i++)
            if (trait.ValueKind is not JsonValueKind.Object || !trait.TryGetProperty(Path[i], out trait)) return Reason.TraitMismatch;
        return Passes(trait) ? null : Reason.TraitMismatch;
    }

    private bool Passes(JsonElement trait) => trait.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => false,
        _ when Test is TraitTest.Exists => true,
        JsonValueKind.Array => Test is TraitTest.Contains && ContainsItem(trait),
        JsonValueKind.Object => false,
        JsonValueKind.String => trait.TextOrNull() is { } text && PassesText(text),
        _ => PassesText(trait.GetRawText()),
    };

    private bool ContainsItem(JsonElement list)
    {
        foreach (var item in list.EnumerateArray())
            if (item.ValueKind is JsonValueKind.String ? item.TextOrNull() == Values[0] : item.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False && item.GetRawText() == Values[0]) return true;
        return false;
    }

    private bool PassesText(string text) => Test switch
    {
        TraitTest.Equals => string.Equals(text, Values[0], StringComparison.Ordinal),
        TraitTest.In => Values.Contains(text, StringComparer.Ordinal),
        TraitTest.StartsWith => text.StartsWith(Values[0], StringComparison.Ordinal),
        TraitTest.EndsWith => text.EndsWith(Values[0], StringComparison.Ordinal),
        TraitTest.Contains => text.Contains(Values[0], StringComparison.Ordinal),
        _ => false,
    };
}
