using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary><c>Schema: employee</c> or a list of names: the identity is of one of these identity schemas.</summary>
internal sealed record SchemaCondition(IReadOnlyList<string> Names) : RuleCondition
{
    public static RuleCondition? Read(JsonElement value, PlacedProblems problems)
    {
        if (value.AsTexts() is { Count: > 0 } names && names.All(n => n.Length > 0)) return new SchemaCondition(names);
        problems.Add("is not the id of an identity schema, nor a list of them");
        return null;
    }

    public override string Wanted => string.Join(" or ", Names);

    public override string? Find(in RuleContext context) => context.Caller.Session?.SchemaId;

    public override Reason? Check(in RuleContext context)
    {
        for (var i = 0; i < Names.Count; i++)
            if (string.Equals(Names[i], context.Caller.Session?.SchemaId, StringComparison.Ordinal)) return null;
        return Reason.SchemaMismatch;
    }
}
