using System.Diagnostics.CodeAnalysis;
using Gateway.Decisions;

namespace Gateway.Rules;

/// <summary>What a condition may look at: the caller and the time. Never the request, never a clock.</summary>
internal readonly record struct RuleContext(Caller Caller, DateTimeOffset Now);

/// <summary>One requirement of an access rule. Adding one: docs/configuration.md and CONTRIBUTING.md.</summary>
internal abstract record RuleCondition
{
    /// <summary>Longer texts are cut before they are shown: a trait is as long as its owner likes.</summary>
    private const int MaxShown = 200;

    /// <summary>Its name in the index, as the index spells it.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the configuration asks for, in words for an operator.</summary>
    public abstract string Wanted { get; }

    /// <summary>Null when the condition holds, otherwise why not.</summary>
    public abstract Reason? Check(in RuleContext context);

    /// <summary>What <see cref="Check"/> looks at, in words for an operator who asks; null: it is not there.</summary>
    public abstract string? Find(in RuleContext context);

    /// <summary>What it compares and with which outcome. Asked only when somebody wants to know.</summary>
    /// <param name="context">Null: nobody was found to be calling, so there is nothing to compare.</param>
    public ConditionOutcome Explain(RuleContext? context) =>
        context is { } known
            ? new(Name, Check(known) is null, Shown(Wanted), Shown(Find(known)))
            : new(Name, null, Shown(Wanted), null);

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Shown(string? text) => text is { Length: > MaxShown } ? text[..MaxShown] + "…" : text;
}
