using Gateway.Rules;

namespace Gateway.Access;

/// <summary>The condition for which a request was refused, and what its rule looked at.</summary>
internal sealed record FailedCondition(RuleCondition Condition, RuleContext Context)
{
    /// <summary>Null: the request was not refused, or for another reason.</summary>
    public static FailedCondition? Of(HttpContext context) => context.Features[typeof(FailedCondition)] as FailedCondition;
}
