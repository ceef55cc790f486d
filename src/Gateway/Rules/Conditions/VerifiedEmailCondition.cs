using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary>
/// <c>VerifiedEmail: true</c>: the identity has at least one verified e-mail address.
/// <c>VerifiedEmail: { Trait: email, EndsWith: "@example.org" }</c>: the address in that trait is a verified one and passes the
/// test; of a list, one of them does both.
/// </summary>
/// <param name="Trait">Null: any address.</param>
/// <param name="Test">Null: none.</param>
internal sealed record VerifiedEmailCondition(TraitPath? Trait = null, TraitTest? Test = null) : RuleCondition
{
    private const string AnyAddress = "a verified e-mail address";

    public static RuleCondition? Read(JsonElement value, PlacedProblems problems)
    {
        if (value.ValueKind is JsonValueKind.Object) return ReadOfTrait(value, problems);
        if (bool.TryParse(value.AsText(), out var wanted) && wanted) return new VerifiedEmailCondition();
        problems.Add(
            "can only be true, or { Trait: email } for the address in a trait; leave the condition out to let unverified people "
                + "in");
        return null;
    }

    public override string Wanted
    {
        get
        {
            if (Trait is null) return AnyAddress;
            return Test is null ? $"{AnyAddress} in {Trait.Text}" : $"{AnyAddress} in {Trait.Text} that {Test.Wanted}";
        }
    }

    public override string? Find(in RuleContext context)
    {
        if (Trait is null) return Check(context) is null ? AnyAddress : "no verified e-mail address";
        var found = Trait.Find(context.Caller.Session);
        return found is not null && Check(context) is Reason.EmailNotVerified ? $"{found}, not verified" : found;
    }

    public override Reason? Check(in RuleContext context)
    {
        var session = context.Caller.Session;
        if (Trait is null) return session is { HasVerifiedEmail: true } ? null : Reason.EmailNotVerified;
        if (!Trait.TryFind(session, out var trait)) return Reason.EmailNotVerified;
        if (trait.ValueKind is not JsonValueKind.Array) return Check(session!, trait, Test?.Passes(trait) ?? true);
        Reason? reason = Test is null ? Reason.EmailNotVerified : Reason.TraitMismatch;
        foreach (var item in trait.EnumerateArray())
        {
            var ofItem = Check(session!, item, Test?.PassesItem(item) ?? true);
            if (ofItem is null) return null;
            if (ofItem is Reason.EmailNotVerified)
                reason = ofItem;
        }
        return reason;
    }

    private static Reason? Check(CallerSession session, JsonElement address, bool passes)
    {
        if (!passes) return Reason.TraitMismatch;
        var text = address.ValueKind is JsonValueKind.String ? address.TextOrNull() : null;
        return text is not null && session.IsVerifiedEmail(text) ? null : Reason.EmailNotVerified;
    }

    private static VerifiedEmailCondition? ReadOfTrait(JsonElement value, PlacedProblems problems)
    {
        var before = problems.All.Count;
        var trait = TraitPath.Read(value.Get(nameof(Trait))?.AsText(), nameof(Trait), problems);
        var test = TraitTest.Read(value, nameof(Trait), problems);
        return problems.All.Count > before ? null : new(trait, test);
    }
}
