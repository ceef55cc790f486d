using System.Globalization;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules.Conditions;

/// <summary>
/// <c>SessionAge: 00:15:00</c>: the person proved who they are (<c>authenticated_at</c>) at most this long ago.
/// </summary>
internal sealed record SessionAgeCondition(TimeSpan Most) : RuleCondition
{
    public static RuleCondition? Read(JsonElement value, PlacedProblems problems)
    {
        if (!TimeSpan.TryParse(value.AsText(), CultureInfo.InvariantCulture, out var most) || !value.AsText()!.Contains(':'))
            problems.Add("is not a duration: write hh:mm:ss (a bare number would count days)");
        else if (most < TimeSpan.FromSeconds(1) || most > TimeSpan.FromDays(366))
            problems.Add($"is {most}, outside 1 second to 366 days (write hh:mm:ss)");
        else
            return new SessionAgeCondition(most);
        return null;
    }

    public override string Wanted => $"signed in at most {Most:c} ago";

    public override string? Find(in RuleContext context)
    {
        if (context.Caller.Session is not { } session) return null;
        if (session.AuthenticatedAt == DateTimeOffset.MinValue) return "never signed in";
        // Rounded up, so that an age just above the limit is not shown as the limit.
        var age = Math.Max(0, Math.Ceiling((context.Now - session.AuthenticatedAt).TotalSeconds));
        return $"signed in {TimeSpan.FromSeconds(age):c} ago";
    }

    public override Reason? Check(in RuleContext context) =>
        context.Now - context.Caller.Session?.AuthenticatedAt <= Most ? null : Reason.SessionTooOld;
}
