using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary><c>VerifiedEmail: true</c>: the identity has at least one verified e-mail address.</summary>
internal sealed record VerifiedEmailCondition : RuleCondition
{
    public static RuleCondition? Read(JsonElement value, PlacedProblems problems)
    {
        if (bool.TryParse(value.AsText(), out var wanted) && wanted) return new VerifiedEmailCondition();
        problems.Add("can only be true; leave the condition out to let unverified people in");
        return null;
    }

    public override string Wanted => "a verified e-mail address";

    public override string? Find(in RuleContext context) =>
        context.Caller.Session is { HasVerifiedEmail: true } ? "a verified e-mail address" : "no verified e-mail address";

    public override Reason? Check(in RuleContext context) =>
        context.Caller.Session is { HasVerifiedEmail: true } ? null : Reason.EmailNotVerified;
}
