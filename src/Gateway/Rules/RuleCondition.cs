using Gateway.Decisions;

namespace Gateway.Rules;

/// <summary>What a condition may look at: the caller and the time. Never the request, never a clock.</summary>
internal readonly record struct RuleContext(Caller Caller, DateTimeOffset Now);

/// <summary>One requirement of an access rule. Adding one: docs/configuration.md and CONTRIBUTING.md.</summary>
internal abstract record RuleCondition
{
    /// <summary>Null when the condition holds, otherwise why not.</summary>
    public abstract Reason? Check(in RuleContext context);
}
