using Gateway.Decisions;
using Gateway.Kratos;

namespace Gateway.Rules;

/// <summary>What a condition may look at: the session and the time. Never the request, never a clock.</summary>
internal readonly record struct RuleContext(KratosSession Session, DateTimeOffset Now);

/// <summary>One requirement of an access rule. Adding one: docs/configuration.md and CONTRIBUTING.md.</summary>
internal abstract record RuleCondition
{
    /// <summary>Null when the condition holds, otherwise why not.</summary>
    public abstract Reason? Check(in RuleContext context);
}
