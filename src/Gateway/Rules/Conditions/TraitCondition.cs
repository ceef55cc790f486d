using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary>
/// <c>Trait: { Path: email, EndsWith: "@example.org" }</c>: a trait of the identity passes one <see cref="TraitTest"/>.
/// </summary>
internal sealed record TraitCondition(TraitPath Path, TraitTest Test) : RuleCondition
{
    public static RuleCondition? Read(JsonElement value, PlacedProblems problems)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            problems.Add("is not a test: write { Path: email, EndsWith: \"@example.org\" }");
            return null;
        }

        var before = problems.All.Count;
        var path = TraitPath.Read(value.Get(nameof(Path))?.AsText(), nameof(Path), problems);
        var test = TraitTest.Read(value, nameof(Path), problems);
        if (test is null && problems.All.Count == before)
            problems.Add($"needs a test: one of {string.Join(", ", TraitTest.ByName.Keys)}");
        return problems.All.Count > before ? null : new TraitCondition(path!, test!);
    }

    public override string Wanted => $"{Path.Text} {Test.Wanted}";

    public override Reason? Check(in RuleContext context) =>
        Path.TryFind(context.Caller.Session, out var trait) && Test.Passes(trait) ? null : Reason.TraitMismatch;

    public override string? Find(in RuleContext context) => Path.Find(context.Caller.Session);
}
