using Gateway.Telemetry;

namespace Gateway.RateLimits;

/// <summary>One policy's numbers, whatever it was changed to since the start.</summary>
internal sealed class RateLimitMetrics
{
    public Counter Limited { get; } = new();

    public Counter Overflowed { get; } = new();

    public Counter Uncounted { get; } = new();

    /// <param name="partitions">How many keys the policy counts apart.</param>
    public void Publish(GatewayMetrics metrics, string policy, Func<long> partitions)
    {
        metrics.RateLimited.Add(policy, () => Limited.Value);
        metrics.RateLimitPartitions.Add(policy, partitions);
        metrics.RateLimitOverflowed.Add(policy, () => Overflowed.Value);
        metrics.RateLimitUncounted.Add(policy, () => Uncounted.Value);
    }
}
