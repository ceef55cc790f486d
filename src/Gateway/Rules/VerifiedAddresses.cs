using Gateway.Rules.Conditions;

namespace Gateway.Rules;

/// <summary>
/// <c>VerifiedEmail: true</c> beside a <c>Trait</c> of an e-mail address means that address: else whoever registers with a
/// colleague's address, which is not theirs to verify, and verifies a second one of their own is let in for the first.
/// </summary>
internal static class VerifiedAddresses
{
    /// <summary>The conditions of one rule, each <c>VerifiedEmail: true</c> bound to every such trait.</summary>
    public static IEnumerable<RuleCondition> Bind(IReadOnlyList<RuleCondition> conditions)
    {
        var addresses = conditions.OfType<TraitCondition>().Where(condition => condition.Path.IsOfEmail).ToArray();
        return conditions.SelectMany<RuleCondition, RuleCondition>(condition => condition switch
        {
            VerifiedEmailCondition { Trait: null } any when addresses.Length > 0 =>
                addresses.Select(address => any with { Trait = address.Path, Test = address.Test }),
            _ => [condition],
        });
    }
}
