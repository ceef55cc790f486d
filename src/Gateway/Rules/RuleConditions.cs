using System.Collections.Frozen;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Rules.Conditions;

namespace Gateway.Rules;

/// <summary>Reads one condition's value; null when it was bad, with what is wrong in <paramref name="problems"/>.</summary>
internal delegate RuleCondition? ConditionReader(JsonElement value, PlacedProblems problems);

/// <summary>The index of conditions: every name that may stand in a rule's <c>Require</c>.</summary>
internal static class RuleConditions
{
    public static readonly FrozenDictionary<string, ConditionReader> ByName =
        new Dictionary<string, ConditionReader>(StringComparer.OrdinalIgnoreCase)
        {
            ["VerifiedEmail"] = VerifiedEmailCondition.Read,
            ["AssuranceLevel"] = AssuranceLevelCondition.Read,
            ["SessionAge"] = SessionAgeCondition.Read,
            ["Trait"] = TraitCondition.Read,
            ["Schema"] = SchemaCondition.Read,
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}
