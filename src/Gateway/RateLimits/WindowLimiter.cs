using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;

namespace Gateway.RateLimits;

/// <summary>
/// A window of equal segments that moves with the clock, counted when somebody asks. One segment: a fixed window, which begins
/// with the first request in it. It has no timer, so that a hundred thousand of them cost nothing while nobody comes. The
/// framework's <see cref="SlidingWindowRateLimiter"/> needs one: it moves by a single segment each time it is told to, however
/// much time went by, and does not say when to come again; and both of its windows have a clock of their own.
/// </summary>
internal sealed class WindowLimiter(int permitLimit, TimeSpan window, int segments, TimeProvider time) : RateLimiter
{
    private readonly long _segmentLength = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency / segments));

    /// <summary>Permits taken in each segment, in a circle; also the lock.</summary>
    private readonly int[] _taken = new int[segments];
    private int _current;
    private int _used;
    private long _currentStart = time.GetTimestamp();

    /// <inheritdoc/>
    /// <remarks>Zero: nothing is taken, and whoever forgets this limiter forgets nothing. The time is not counted.</remarks>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (_taken)
            {
                Move();
                return _used == 0 ? TimeSpan.Zero : null;
            }
        }
    }

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        lock (_taken)
        {
            var now = Move();
            var acquired = permitLimit - _used >= permitCount;
            if (acquired)
            {
                _used += permitCount;
                _taken[_current] += permitCount;
            }
            return new WindowLease(acquired, permitLimit - _used, UntilNextPermits(now));
        }
    }

    /// <summary>Never waits.</summary>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(permitCount));

    /// <summary>Leaves behind what has left the window, and tells the time.</summary>
    private long Move()
    {
        var now = time.GetTimestamp();
        var steps = (now - _currentStart) / _segmentLength;
        if (steps <= 0) return now;
        for (var step = 0; step < Math.Min(steps, segments); step++)
        {
            _current = (_current + 1) % segments;
            _used -= _taken[_current];
            _taken[_current] = 0;
        }
        Debug.Assert(_used >= 0, "more was given back than was taken");
        _currentStart = _used == 0 ? now : _currentStart + steps * _segmentLength;
        return now;
    }

    /// <summary>The time until the oldest permits leave the window.</summary>
    private TimeSpan UntilNextPermits(long now)
    {
        var steps = 1;
        while (steps < segments && _taken[(_current + steps) % segments] == 0)
            steps++;
        var ticks = _currentStart + steps * _segmentLength - now;
        return TimeSpan.FromSeconds((double)Math.Max(0, ticks) / time.TimestampFrequency);
    }
}

/// <summary>What a limiter of the gateway's own answers.</summary>
/// <param name="remaining">Permits that are left.</param>
/// <param name="reset">The time until there are more.</param>
internal sealed class WindowLease(bool isAcquired, int remaining, TimeSpan reset) : RateLimitLease
{
    public override bool IsAcquired => isAcquired;

    public int Remaining => remaining;

    public TimeSpan Reset => reset;

    public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

    public override bool TryGetMetadata(string metadataName, [NotNullWhen(true)] out object? metadata)
    {
        metadata = !isAcquired && metadataName == MetadataName.RetryAfter.Name ? reset : null;
        return metadata is not null;
    }
}
