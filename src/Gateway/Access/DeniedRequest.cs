using Gateway.Decisions;
using Gateway.Rules;

namespace Gateway.Access;

/// <summary>
/// A request that was refused, as it can be asked for afterwards. No query, no header, no credential; what its rule looked at
/// is kept in words, which are short, and not as the caller's session, which is as long as its owner's traits.
/// </summary>
internal sealed record DeniedRequest(DateTimeOffset Time, string RequestId, string Method, string Path, int Status)
{
    /// <summary>Longer paths are cut.</summary>
    private const int MaxPath = 1024;

    public string? Route { get; private init; }

    public AccessRule? Rule { get; private init; }

    public required Reason Reason { get; init; }

    /// <summary>Null: nobody is known.</summary>
    public string? Subject { get; init; }

    /// <summary>Every condition of the rule with what it compared; null: it was not looked at.</summary>
    public IReadOnlyList<ConditionOutcome>? Conditions { get; private init; }

    /// <summary>The request as it stands when it was answered.</summary>
    public static DeniedRequest Of(HttpContext context, Reason reason, DateTimeOffset time)
    {
        var path = context.Request.Path.Value ?? "";
        var policy = RoutePolicy.Of(context);
        return new(
            time,
            context.TraceIdentifier,
            context.Request.Method,
            path.Length > MaxPath ? path[..MaxPath] + "…" : path,
            context.Response.StatusCode)
        {
            Reason = reason,
            Route = policy?.Metrics.Route,
            Rule = policy?.Rule,
            Subject = Caller.Of(context)?.Subject,
            Conditions = FailedCondition.Of(context) is { } failed ? policy?.Rule.Explain(failed.Context) : null,
        };
    }
}
