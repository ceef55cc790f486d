using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Gateway.RateLimits;

/// <summary>
/// The counters of one policy in this process: at most so many, about 230 bytes each. One is forgotten only when all of its
/// permits are back, so that to forget it changes nothing; a flood of keys thus takes no counter away from anybody. While all
/// are taken, whoever has none shares the one for the rest. Looking one up takes no lock.
/// </summary>
internal sealed class PartitionTable(RateLimitPolicy policy, int most, TimeProvider time)
{
    private const int DefaultSegments = 6;

    private readonly ConcurrentDictionary<UInt128, Partition> _partitions = new();
    private readonly Partition _rest = new(Limiter(policy, time));
    private int _count;

    /// <summary>How many keys are counted apart.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <param name="shared">Whether it was counted with the rest.</param>
    /// <param name="longestWait">Whoever has waited so long for others to end gets no permit.</param>
    public ValueTask<RateLimitLease> AcquireAsync(
        UInt128 key, out bool shared, TimeSpan longestWait, CancellationToken cancellationToken)
    {
        var partition = Enter(key);
        shared = ReferenceEquals(partition, _rest);
        try
        {
            partition.Replenish();
            var lease = partition.Limiter.AttemptAcquire();
            if (lease.IsAcquired || policy.QueueLimit is null or 0) return new(lease);
            // A request that waits holds nothing of the partition but its place: whoever waits is no idle limiter.
            return WaitAsync(partition.Limiter, longestWait, cancellationToken);
        }
        finally
        {
            partition.Leave();
        }
    }

    private async ValueTask<RateLimitLease> WaitAsync(
        RateLimiter limiter, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(longest, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await limiter.AcquireAsync(1, both.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new WaitedInVain();
        }
    }

    /// <summary>Forgets whose permits are all back.</summary>
    public void Sweep()
    {
        foreach (var (key, partition) in _partitions)
        {
            if (!partition.TryRetire()) continue;
            _partitions.TryRemove(key, out _);
            Interlocked.Decrement(ref _count);
            partition.Limiter.Dispose();
        }
    }

    private Partition Enter(UInt128 key)
    {
        while (true)
        {
            if (!_partitions.TryGetValue(key, out var partition))
                partition = Add(key);
            if (partition.TryEnter()) return partition;
        }
    }

    private Partition Add(UInt128 key)
    {
        if (Interlocked.Increment(ref _count) > most)
        {
            Interlocked.Decrement(ref _count);
            return _rest;
        }
        var added = new Partition(Limiter(policy, time));
        if (_partitions.TryAdd(key, added)) return added;
        Interlocked.Decrement(ref _count);
        return _partitions.TryGetValue(key, out var others) ? others : _rest;
    }

    private static RateLimiter Limiter(RateLimitPolicy policy, TimeProvider time) => policy.Type switch
    {
        RateLimitType.FixedWindow => new WindowLimiter(policy.PermitLimit!.Value, policy.Window!.Value, 1, time),
        RateLimitType.SlidingWindow => new WindowLimiter(
            policy.PermitLimit!.Value, policy.Window!.Value, policy.SegmentsPerWindow ?? DefaultSegments, time),
        RateLimitType.TokenBucket => new TokenBucketRateLimiter(new()
        {
            TokenLimit = policy.TokenLimit!.Value,
            TokensPerPeriod = policy.TokensPerPeriod!.Value,
            ReplenishmentPeriod = policy.ReplenishmentPeriod!.Value,
            AutoReplenishment = false, // a timer for each
        }),
        RateLimitType.Concurrency => new ConcurrencyLimiter(new()
        {
            PermitLimit = policy.PermitLimit!.Value,
            QueueLimit = policy.QueueLimit ?? 0,
        }),
        _ => throw new ArgumentOutOfRangeException(nameof(policy)),
    };
}

/// <summary>No permit, and nobody knows when there is one.</summary>
internal sealed class WaitedInVain : RateLimitLease
{
    public override bool IsAcquired => false;

    public override IEnumerable<string> MetadataNames => [];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }
}
