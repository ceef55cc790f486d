using System.Text.Json.Serialization;
using Gateway.Rules;

namespace Gateway.Access;

/// <summary>
/// What the gateway does with a request, and why. It is for operators: it names internal addresses and what a rule looked at,
/// and never a credential.
/// </summary>
internal sealed record Explanation
{
    public required string Method { get; init; }

    public required string Url { get; init; }

    /// <summary>Null: none took the request.</summary>
    public string? Route { get; init; }

    public IReadOnlyList<NearMiss> NearMisses { get; init; } = [];

    /// <summary>The rule's name.</summary>
    public string? Rule { get; init; }

    /// <summary>What the rule says of sessions: <c>none</c>, <c>optional</c> or <c>required</c>.</summary>
    public string? Session { get; init; }

    /// <summary>Null: nobody was asked, or nobody is known.</summary>
    public ExplainedCaller? Caller { get; init; }

    public IReadOnlyList<ConditionOutcome> Conditions { get; init; } = [];

    /// <summary>Null: the route has none.</summary>
    public ExplainedPolicies? Policies { get; init; }

    /// <summary>Null: no service gets it.</summary>
    public ExplainedForward? Forward { get; init; }

    public required ExplainedAnswer Answer { get; init; }
}

/// <summary>Another route that could have been meant.</summary>
internal sealed record NearMiss(string Route, IReadOnlyList<Mismatch> Because);

/// <summary>Why not.</summary>
/// <param name="Part"><c>path</c>, <c>host</c>, <c>method</c>, <c>header</c>, <c>query</c>, or <c>order</c>: it takes the
/// request, but another comes first.</param>
/// <param name="Wanted">What the route takes.</param>
/// <param name="Found">What the request has.</param>
internal sealed record Mismatch(string Part, string Wanted, string Found);

internal sealed record ExplainedCaller(string Subject, string Authenticator, DateTimeOffset ExpiresAt);

/// <summary>The route's policies; what it has not is null.</summary>
/// <param name="Timeout">How long a request may take.</param>
internal sealed record ExplainedPolicies(ExplainedCors? Cors, ExplainedLimit? RateLimit, TimeSpan? Timeout);

/// <param name="Origin">That the request names; null: none.</param>
/// <param name="Allowed">Whether that origin's pages may read the answer; null: it names none.</param>
internal sealed record ExplainedCors(string Name, string? Origin, bool? Allowed);

/// <param name="Policy">As clients see it, in the field <c>RateLimit-Policy</c>.</param>
/// <param name="PartitionBy">Who shares permits with whom.</param>
/// <param name="Counted">Whether a request like this one takes a permit.</param>
internal sealed record ExplainedLimit(string Name, string Policy, string PartitionBy, bool Counted);

/// <summary>What the service gets.</summary>
/// <param name="Url">At the first destination.</param>
/// <param name="Destinations">Those that are available; one of them gets it.</param>
/// <param name="Headers">Without those of the connection itself; a credential's value is <c>***</c>.</param>
internal sealed record ExplainedForward(
    string Method,
    string Url,
    IReadOnlyList<ExplainedDestination> Destinations,
    IReadOnlyList<ExplainedHeader> Headers);

internal sealed record ExplainedDestination(string Name, string Address);

internal sealed record ExplainedHeader(string Name, string Value);

/// <summary>What the client gets.</summary>
/// <param name="Allowed">Whether the rule lets the request through.</param>
/// <param name="Status">Null: the service's own.</param>
/// <param name="Reason">Of the closed list; null: not refused.</param>
/// <param name="Location">Where a redirect leads.</param>
internal sealed record ExplainedAnswer(
    bool Allowed, int? Status = null, string? Reason = null, string? Id = null, string? Message = null, string? Location = null);

/// <summary>The shape of questions and explanations (docs/operations.md).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(ExplainRequest))]
[JsonSerializable(typeof(Explanation))]
internal sealed partial class ExplainJson : JsonSerializerContext;
