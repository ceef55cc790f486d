using System.Collections.Frozen;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary>
/// One test of a trait. Text is compared exactly, case included; a number or boolean by its JSON text; a missing trait
/// passes none.
/// </summary>
internal abstract record TraitTest
{
    /// <summary>The index: every test that a Trait condition may name, with what its value must be.</summary>
    public static readonly FrozenDictionary<string, TraitTestReader> ByName =
        new Dictionary<string, TraitTestReader>(StringComparer.OrdinalIgnoreCase)
        {
            ["Equals"] = OfOne("Equals", value => new EqualsTest(value)),
            ["In"] = InTest.Read,
            ["StartsWith"] = OfOne("StartsWith", value => new StartsWithTest(value)),
            ["EndsWith"] = OfOne("EndsWith", value => new EndsWithTest(value)),
            ["Contains"] = OfOne("Contains", value => new ContainsTest(value)),
            ["Exists"] = ExistsTest.Read,
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The one test among the properties, besides <paramref name="path"/>; null when there is none, or a bad one, which is told.
    /// </summary>
    public static TraitTest? Read(JsonElement json, string path, PlacedProblems problems)
    {
        var tests = new List<JsonProperty>();
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name.Equals(path, StringComparison.OrdinalIgnoreCase)) continue;
            if (ByName.ContainsKey(property.Name))
                tests.Add(property);
            else
                problems.AddUnknown(property.Name, [path, .. ByName.Keys]);
        }
        foreach (var second in tests.Skip(1))
            problems.Under(second.Name, () => problems.Add("is a second test; write a condition for each"));
        if (tests.Count == 0) return null;
        var test = ByName[tests[0].Name](tests[0].Value.AsTexts(), out var problem);
        if (test is null)
            problems.Add(problem);
        return test;
    }

    /// <summary>The test in words for an operator, to stand behind the trait's name.</summary>
    public abstract string Wanted { get; }

    /// <summary>Whether a trait that is there, and not null, passes.</summary>
    public virtual bool Passes(JsonElement trait) =>
        trait.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object) && Text(trait) is { } text && Passes(text);

    /// <summary>Whether an item of a list passes as such.</summary>
    public virtual bool PassesItem(JsonElement item) => Passes(item);

    /// <summary>Whether the text passes.</summary>
    protected abstract bool Passes(string text);

    /// <summary>The text that is compared; null for half a character, which equals nothing.</summary>
    protected static string? Text(JsonElement value) =>
        value.ValueKind is JsonValueKind.String ? value.TextOrNull() : value.GetRawText();

    private static TraitTestReader OfOne(string name, Func<string, TraitTest> make) =>
        (IReadOnlyList<string>? values, out string problem) =>
        {
            problem = $"has {name}, which needs one value";
            return values is [{ Length: > 0 } value] ? make(value) : null;
        };
}

/// <summary>Reads a test's value, a text or a list of texts; null when it is bad, and why.</summary>
internal delegate TraitTest? TraitTestReader(IReadOnlyList<string>? values, out string problem);

internal sealed record EqualsTest(string Value) : TraitTest
{
    public override string Wanted => $"equals \"{Value}\"";

    protected override bool Passes(string text) => string.Equals(text, Value, StringComparison.Ordinal);
}

internal sealed record StartsWithTest(string Value) : TraitTest
{
    public override string Wanted => $"starts with \"{Value}\"";

    protected override bool Passes(string text) => text.StartsWith(Value, StringComparison.Ordinal);
}

internal sealed record EndsWithTest(string Value) : TraitTest
{
    public override string Wanted => $"ends with \"{Value}\"";

    protected override bool Passes(string text) => text.EndsWith(Value, StringComparison.Ordinal);
}

internal sealed record InTest(IReadOnlyList<string> Values) : TraitTest
{
    public override string Wanted => $"is one of {string.Join(", ", Values.Select(value => $"\"{value}\""))}";

    public static TraitTest? Read(IReadOnlyList<string>? values, out string problem)
    {
        problem = "has In, which needs a list of values";
        return values is { Count: > 0 } && values.All(value => value.Length > 0) ? new InTest(values) : null;
    }

    protected override bool Passes(string text) => Values.Contains(text, StringComparer.Ordinal);
}

/// <summary>Part of a text, or an item of a list.</summary>
internal sealed record ContainsTest(string Value) : TraitTest
{
    public override string Wanted => $"contains \"{Value}\"";

    public override bool Passes(JsonElement trait)
    {
        if (trait.ValueKind is not JsonValueKind.Array) return base.Passes(trait);
        foreach (var item in trait.EnumerateArray())
            if (PassesItem(item)) return true;
        return false;
    }

    protected override bool Passes(string text) => text.Contains(Value, StringComparison.Ordinal);

    public override bool PassesItem(JsonElement item) => IsScalar(item.ValueKind) && Text(item) == Value;

    private static bool IsScalar(JsonValueKind kind) =>
        kind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
}

internal sealed record ExistsTest : TraitTest
{
    public override string Wanted => "exists";

    public static TraitTest? Read(IReadOnlyList<string>? values, out string problem)
    {
        problem = "has Exists, which can only be true";
        return values is [var only] && bool.TryParse(only, out var wanted) && wanted ? new ExistsTest() : null;
    }

    public override bool Passes(JsonElement trait) => true;

    protected override bool Passes(string text) => true;
}
