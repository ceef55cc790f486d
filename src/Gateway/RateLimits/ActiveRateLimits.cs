using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.Telemetry;

namespace Gateway.RateLimits;

/// <summary>
/// Every policy that was ever in force since the start: one whose definition did not change in a reload keeps its counters. What
/// no route names any more empties itself; the number of policies is bounded by the configuration.
/// </summary>
internal sealed partial class ActiveRateLimits(
    RateLimitOptions options,
    RedisCounters redis,
    GatewayMetrics metrics,
    TimeProvider time,
    ILogger<ActiveRateLimits> log) : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Name, RateLimitPolicy Policy), RateLimit> _limits = new();
    private readonly ConcurrentDictionary<string, RateLimitMetrics> _metrics = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private readonly HashSet<string> _full = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The policy with its counters.</summary>
    public RateLimit Of(string name, RateLimitPolicy policy)
    {
        lock (_gate)
        {
            if (_limits.TryGetValue((name, policy), out var known)) return known;
            var limit = new RateLimit(
                name,
                policy,
                Metrics(name),
                new PartitionTable(policy, options.MaxPartitions, time),
                options.Store is RateLimitStore.Redis ? redis : null);
            return _limits[(name, policy)] = limit;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            TrySweep();
    }

    /// <summary>An exception that left the loop would end the gateway; the next sweep tries again.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The last resort.")]
    private void TrySweep()
    {
        try
        {
            Sweep();
        }
        catch (Exception e)
        {
            LogNotSwept(log, e);
        }
    }

    private void Sweep()
    {
        foreach (var limit in _limits.Values)
        {
            limit.Table.Sweep();
            if (limit.Table.Count < options.MaxPartitions)
                _full.Remove(limit.Name);
            else if (_full.Add(limit.Name))
                LogFull(log, limit.Name, options.MaxPartitions);
        }
    }

    private RateLimitMetrics Metrics(string name)
    {
        if (_metrics.TryGetValue(name, out var known)) return known;
        var added = _metrics[name] = new();
        added.Publish(metrics, name, () => _limits.Values.Where(l => IsNamed(l, name)).Sum(l => (long)l.Table.Count));
        return added;
    }

    private static bool IsNamed(RateLimit limit, string name) => limit.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(EventIds.RateLimitPartitionsFull, LogLevel.Warning,
        "Rate limit policy {Policy} counts {Most} keys; whoever else comes shares one bucket (RateLimiter:MaxPartitions)")]
    private static partial void LogFull(ILogger logger, string policy, int most);

    [LoggerMessage(EventIds.RateLimitsNotSwept, LogLevel.Error,
        "Rate limits that nobody uses could not be forgotten; trying again")]
    private static partial void LogNotSwept(ILogger logger, Exception exception);
}
