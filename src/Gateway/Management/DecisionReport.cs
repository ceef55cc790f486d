using Gateway.Access;
using Gateway.Decisions;
using Gateway.Rules;

namespace Gateway.Management;

/// <summary>A refused request, as it is told to who asks for its id (docs/operations.md).</summary>
internal sealed record DecisionReport
{
    public required string RequestId { get; init; }

    public DateTimeOffset Time { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public string? Route { get; init; }

    public string? Rule { get; init; }

    public required string Reason { get; init; }

    public int Status { get; init; }

    public string? Subject { get; init; }

    /// <summary>Those of the rule; each says what it compared where the rule got that far.</summary>
    public IReadOnlyList<ConditionOutcome> Conditions { get; init; } = [];

    public static DecisionReport Of(DeniedRequest denied) => new()
    {
        RequestId = denied.RequestId,
        Time = denied.Time,
        Method = denied.Method,
        Path = denied.Path,
        Route = denied.Route,
        Rule = denied.Rule?.Name,
        Reason = denied.Reason.Name(),
        Status = denied.Status,
        Subject = denied.Subject,
        Conditions = denied.Conditions ?? denied.Rule?.Explain(null) ?? [],
    };
}
