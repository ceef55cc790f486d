using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration;

namespace Gateway.RateLimits;

/// <summary>The algorithms of System.Threading.RateLimiting.</summary>
internal enum RateLimitType { FixedWindow, SlidingWindow, TokenBucket, Concurrency }

/// <summary>Who shares permits with whom.</summary>
internal enum PartitionSource
{
    /// <summary>The caller's subject; whoever is anonymous, by address.</summary>
    Caller,

    /// <summary>The authenticator that knows the caller; all who are anonymous share.</summary>
    Authenticator,

    /// <summary>The client's address, of IPv6 its /64.</summary>
    ClientAddress,

    /// <summary>Everybody shares, on each route.</summary>
    Route,

    /// <summary>The value of a request header; whoever sends none, by address.</summary>
    Header,
}

/// <summary>
/// A rate limit as it is configured, in the words of System.Threading.RateLimiting's options. Two that are equal are the same
/// limit, whose counters outlive a reload.
/// </summary>
internal sealed record RateLimitPolicy
{
    public const int MostPermits = 1_000_000;
    public const int MostSegments = 100;

    public static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    public RateLimitType? Type { get; init; }

    public PartitionSource? PartitionBy { get; init; }

    /// <summary>With <see cref="PartitionSource.Header"/>: its name.</summary>
    public string? Header { get; init; }

    /// <summary>Windows: requests in one. Concurrency: requests at the same time.</summary>
    public int? PermitLimit { get; init; }

    public TimeSpan? Window { get; init; }

    /// <summary>In how many steps a sliding window moves.</summary>
    public int? SegmentsPerWindow { get; init; }

    /// <summary>Token bucket: the most requests at once.</summary>
    public int? TokenLimit { get; init; }

    public int? TokensPerPeriod { get; init; }

    public TimeSpan? ReplenishmentPeriod { get; init; }

    /// <summary>Concurrency: how many requests may wait for others to end.</summary>
    public int? QueueLimit { get; init; }

    /// <summary>Whether a request is counted before anybody is asked who is calling.</summary>
    public bool NeedsNoCaller => PartitionBy is not (PartitionSource.Caller or PartitionSource.Authenticator);

    /// <summary>The number that the fields of an answer call the quota.</summary>
    public int Quota => (Type is RateLimitType.TokenBucket ? TokenLimit : PermitLimit)!.Value;

    /// <summary>The time in which the quota comes back whole; null: with the requests that end.</summary>
    public TimeSpan? QuotaPeriod => Type switch
    {
        RateLimitType.TokenBucket => ReplenishmentPeriod * Math.Ceiling((double)TokenLimit!.Value / TokensPerPeriod!.Value),
        RateLimitType.Concurrency => null,
        _ => Window,
    };

    /// <summary>The policy as it travels in a route's metadata.</summary>
    public string ToText() => JsonSerializer.Serialize(this, RateLimitPolicyJson.Default.RateLimitPolicy);

    public static RateLimitPolicy Parse(string text) =>
        JsonSerializer.Deserialize(text, RateLimitPolicyJson.Default.RateLimitPolicy)!;

    /// <summary>Every mistake, with its cure. What did not convert has been named already.</summary>
    public void Validate(string key, ConfigErrors errors)
    {
        string[] named = [.. errors.All.Select(error => error.Key)];
        new RateLimitPolicyCheck(key, errors, named).Run(this);
    }
}

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RateLimitPolicy))]
internal sealed partial class RateLimitPolicyJson : JsonSerializerContext;
