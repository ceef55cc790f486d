using System.Globalization;
using System.Text;
using Gateway.Access;
using Gateway.Rules;

namespace Gateway.Hosting.Explaining;

/// <summary>An explanation for people, on a terminal.</summary>
internal static class ExplanationText
{
    private const int Column = 13;

    public static string Render(Explanation explanation)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{explanation.Method} {explanation.Url}").AppendLine();
        Line(text, "Route", explanation.Route ?? "none");
        foreach (var miss in explanation.NearMisses)
            Line(text, "", $"not {miss.Route}: {string.Join("; ", miss.Because.Select(Text))}");
        if (explanation.Rule is { } rule)
            Line(text, "Rule", $"{rule} (session: {explanation.Session})");
        Line(text, "Caller", Text(explanation.Caller));
        foreach (var (index, condition) in explanation.Conditions.Index())
            Line(text, index == 0 ? "Conditions" : "", Text(condition));
        foreach (var (index, policy) in Policies(explanation.Policies).Index())
            Line(text, index == 0 ? "Policies" : "", policy);
        if (explanation.Forward is { } forward)
            Append(text, forward);
        Line(text, "Answer", Text(explanation.Answer));
        if (explanation.Answer.Location is { } location)
            Line(text, "Location", location);
        return text.ToString();
    }

    private static void Append(StringBuilder text, ExplainedForward forward)
    {
        Line(text, "Service gets", $"{forward.Method} {forward.Url}");
        foreach (var header in forward.Headers)
            Line(text, "", $"{header.Name}: {header.Value}");
        var destinations = forward.Destinations.Select(destination => $"{destination.Name} ({destination.Address})");
        Line(text, "Destination", string.Join(" or ", destinations));
    }

    private static void Line(StringBuilder text, string title, string value) =>
        text.Append(title.PadRight(Column)).AppendLine(Printable(value));

    private static string Text(Mismatch mismatch) => mismatch.Part is "order"
        ? $"it would need {mismatch.Wanted} ({mismatch.Found})"
        : $"{mismatch.Part} is {mismatch.Found}, the route takes {mismatch.Wanted}";

    private static string Text(ExplainedCaller? caller) => caller is null
        ? "nobody known"
        : $"{caller.Subject} (by {caller.Authenticator}, until {caller.ExpiresAt:yyyy-MM-dd'T'HH:mm:ssK})";

    private static string Text(ConditionOutcome condition)
    {
        if (condition.Holds is not { } holds) return $"{condition.Name}: not looked at; wanted {condition.Wanted}";
        var outcome = holds ? "holds" : "fails";
        return $"{condition.Name}: {outcome}; wanted {condition.Wanted}, found {condition.Found ?? "nothing"}";
    }

    private static IEnumerable<string> Policies(ExplainedPolicies? policies)
    {
        if (policies?.Cors is { } cors)
            yield return $"CORS {cors.Name}: {Text(cors)}";
        if (policies?.RateLimit is { } limit)
        {
            var counted = limit.Counted ? "counted" : "not counted";
            yield return $"rate limit {limit.Name}: {limit.Policy} by {limit.PartitionBy}; the request is {counted}";
        }
        if (policies?.Timeout is { } timeout)
            yield return $"time-out {timeout}";
    }

    private static string Text(ExplainedCors cors)
    {
        if (cors.Allowed is not { } allowed) return "the request names no origin";
        return $"pages of {cors.Origin} may {(allowed ? "" : "not ")}read the answer";
    }

    private static string Text(ExplainedAnswer answer)
    {
        if (answer is { Allowed: true, Status: { } status }) return $"let through, the gateway itself answers {status}";
        if (answer.Allowed) return "let through, the service answers";
        return $"{answer.Status} {answer.Id}, reason {answer.Reason}: {answer.Message}";
    }

    /// <summary>What an identity or a URL holds must not move the terminal's cursor.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
}
