using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary><c>AssuranceLevel: aal2</c>: the session was authenticated with at least this level.</summary>
internal sealed record AssuranceLevelCondition(AssuranceLevel Least) : RuleCondition
{
    public static RuleCondition? Read(JsonElement value, PlacedProblems problems)
    {
        switch (value.AsText())
        {
            case "aal1": return new AssuranceLevelCondition(AssuranceLevel.Aal1);
            case "aal2": return new AssuranceLevelCondition(AssuranceLevel.Aal2);
            default:
                problems.Add("is not aal1 or aal2");
                return null;
        }
    }

    public override string Wanted => $"at least {Text(Least)}";

    public override string? Find(in RuleContext context) =>
        context.Caller.Session is { } session ? Text(session.AssuranceLevel) : null;

    public override Reason? Check(in RuleContext context) =>
        context.Caller.Session?.AssuranceLevel >= Least ? null : Reason.SecondFactorRequired;

    private static string Text(AssuranceLevel level) => level switch
    {
        AssuranceLevel.Aal1 => "aal1",
        AssuranceLevel.Aal2 => "aal2",
        _ => "a level that this version does not know",
    };
}
