using System.Globalization;
using System.Threading.RateLimiting;
using Gateway.Decisions;
using RedisRateLimiting;

namespace Gateway.RateLimits;

/// <summary>
/// A permit, or why there is none. Disposed when the request ends: until then it counts as one at the same time.
/// </summary>
/// <param name="Remaining">Null: not known.</param>
/// <param name="Reset">The time until there are more permits; null: not known.</param>
internal readonly record struct RateLimitPermit(
    Reason? Refusal, RateLimitLease? Lease = null, long? Remaining = null, TimeSpan? Reset = null) : IDisposable
{
    public void Dispose() => Lease?.Dispose();
}

/// <summary>
/// One policy in force, with its counters, which all routes that name it share. Concurrency is counted by each replica alone:
/// what Redis held of a replica that died would be taken for good.
/// </summary>
internal sealed class RateLimit
{
    private readonly RateLimitPolicy _policy;
    private readonly RateLimitMetrics _metrics;
    private readonly PartitionTable _table;
    private readonly RedisCounters? _redis;

    public RateLimit(
        string name, RateLimitPolicy policy, RateLimitMetrics metrics, PartitionTable table, RedisCounters? redis)
    {
        (Name, _policy, _metrics, _table) = (name, policy, metrics, table);
        _redis = policy.Type is RateLimitType.Concurrency ? null : redis;
        var period = policy.QuotaPeriod is { } time ? $";w={RateLimitFields.Seconds(time)}" : ";qu=\"concurrent-requests\"";
        PolicyField = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={policy.Quota}{period}");
    }

    public string Name { get; }

    public RateLimitPolicy Policy => _policy;

    /// <summary>The policy as clients see it: the field <c>RateLimit-Policy</c>.</summary>
    public string PolicyField { get; }

    public PartitionTable Table => _table;

    /// <summary>Whether all replicas count together.</summary>
    public bool IsShared => _redis is not null;

    /// <param name="longestWait">Whoever has waited so long for others to end is refused.</param>
    public ValueTask<RateLimitPermit> AcquireAsync(UInt128 key, TimeSpan longestWait, CancellationToken cancellationToken)
    {
        if (_redis is not null) return AcquireAsync(_redis, key, cancellationToken);
        var pending = _table.AcquireAsync(key, out var shared, longestWait, cancellationToken);
        if (shared)
            _metrics.Overflowed.Increment();
        return pending.IsCompletedSuccessfully ? new(Read(pending.Result)) : WaitAsync(pending);
    }

    private async ValueTask<RateLimitPermit> WaitAsync(ValueTask<RateLimitLease> pending) => Read(await pending);

    private async ValueTask<RateLimitPermit> AcquireAsync(
        RedisCounters redis, UInt128 key, CancellationToken cancellationToken)
    {
        if (await redis.AcquireAsync(this, key, cancellationToken) is { } lease) return Read(lease);
        _metrics.Uncounted.Increment();
        return new(redis.RefusesWhileLost ? Reason.RateLimiterUnavailable : null);
    }

    private RateLimitPermit Read(RateLimitLease lease)
    {
        if (!lease.IsAcquired)
            _metrics.Limited.Increment();
        var refusal = lease.IsAcquired ? default(Reason?) : Reason.RateLimited;
        return lease is WindowLease window
            ? new(refusal, lease, window.Remaining, window.Reset)
            : new(refusal, lease, Remaining(lease), Reset(lease));
    }

    private static long? Remaining(RateLimitLease lease)
    {
        if (!lease.IsAcquired) return 0;
        return lease.TryGetMetadata(RateLimitMetadataName.Remaining.Name, out var value)
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Where a limiter does not tell, the mean time in which one permit comes back.</summary>
    private TimeSpan? Reset(RateLimitLease lease)
    {
        if (lease.IsAcquired) return null;
        if (lease.TryGetMetadata(MetadataName.RetryAfter, out var exact)) return exact;
        if (lease.TryGetMetadata(RateLimitMetadataName.RetryAfter.Name, out var seconds))
            return TimeSpan.FromSeconds(Convert.ToInt64(seconds, CultureInfo.InvariantCulture));
        return _policy.Type is RateLimitType.TokenBucket ? _policy.ReplenishmentPeriod : _policy.Window / _policy.Quota;
    }
}
