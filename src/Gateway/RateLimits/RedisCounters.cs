using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Threading.RateLimiting;
using Gateway.Telemetry;
using RedisRateLimiting;
using StackExchange.Redis;

namespace Gateway.RateLimits;

/// <summary>
/// Counts in Redis, so that all replicas count together. A request waits for it no longer than
/// <see cref="RedisOptions.Timeout"/>; after a failure, for a second nobody waits at all. The scripts are RedisRateLimiting's, on
/// the replicas' clocks; its limiters hold nothing themselves, so one is made for each request.
/// </summary>
internal sealed partial class RedisCounters(RateLimitOptions options, TimeProvider time, ILogger<RedisCounters> log)
    : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    /// <summary>Without requests nobody notices that it answers again.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);

    private volatile ConnectionMultiplexer? _redis;
    private Task _connecting = Task.CompletedTask;
    private long _failedAt;
    private volatile bool _lost;
    private volatile bool _disposed;

    public bool RefusesWhileLost => options.OnOutage is RateLimitOutage.Refuse;

    /// <summary>What an operator should know of requests now; null: they are counted.</summary>
    public string? Trouble
    {
        get
        {
            if (options.Store is not RateLimitStore.Redis) return null;
            if (_redis is { IsConnected: true } && !(_lost && FailedWithin(Recent))) return null;
            return RefusesWhileLost
                ? "rate limits: Redis does not answer, requests of limited routes are refused"
                : "rate limits: Redis does not answer, requests of limited routes are not counted";
        }
    }

    /// <summary>Waits a little for the first connection, and goes on without it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Store is not RateLimitStore.Redis) return;
        _connecting = ConnectAsync();
        try
        {
            await _connecting.WaitAsync(LongestStart, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Lose("not connected");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Null: Redis did not count it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a client library throws, Redis did not count it.")]
    public async ValueTask<RateLimitLease?> AcquireAsync(RateLimit limit, UInt128 key, CancellationToken cancellationToken)
    {
        if ((_lost && FailedWithin(Rest)) || _redis is not { IsConnected: true } redis)
        {
            Lose("not connected");
            return null;
        }
        try
        {
            var limiter = Limiter(limit, key, redis);
            var lease = await limiter.AcquireAsync(1, cancellationToken).AsTask().WaitAsync(
                options.Redis.Timeout, time, cancellationToken);
            if (_lost)
                Find();
            return lease;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            Lose(e.GetType().Name);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    /// <summary>Nobody may wait for it: what it throws would be lost, or end the start.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a client library throws, Redis does not count.")]
    private async Task ConnectAsync()
    {
        try
        {
            var connecting = options.Redis.Read();
            connecting.ReconnectRetryPolicy = new LinearRetry((int)Rest.TotalMilliseconds);
            var redis = await ConnectionMultiplexer.ConnectAsync(connecting);
            _redis = redis;
            if (_disposed)
                await redis.DisposeAsync(); // nobody waits for the first connection when the gateway stops
        }
        catch (Exception e)
        {
            Lose(e.GetType().Name); // such as a wrong password: only a new start helps
        }
    }

    private RateLimiter Limiter(RateLimit limit, UInt128 key, ConnectionMultiplexer redis)
    {
        var policy = limit.Policy;
        var name = string.Create(CultureInfo.InvariantCulture, $"{options.Redis.KeyPrefix}:{limit.Name}:{key:x32}");
        return policy.Type switch
        {
            RateLimitType.FixedWindow => new RedisFixedWindowRateLimiter<string>(name, new()
            {
                ConnectionMultiplexerFactory = () => redis,
                PermitLimit = policy.PermitLimit!.Value,
                Window = policy.Window!.Value,
            }),
            RateLimitType.SlidingWindow => new RedisSlidingWindowRateLimiter<string>(name, new()
            {
                ConnectionMultiplexerFactory = () => redis,
                PermitLimit = policy.PermitLimit!.Value,
                Window = policy.Window!.Value,
            }),
            RateLimitType.TokenBucket => new RedisTokenBucketRateLimiter<string>(name, new()
            {
                ConnectionMultiplexerFactory = () => redis,
                TokenLimit = policy.TokenLimit!.Value,
                TokensPerPeriod = policy.TokensPerPeriod!.Value,
                ReplenishmentPeriod = policy.ReplenishmentPeriod!.Value,
            }),
            _ => throw new ArgumentOutOfRangeException(nameof(limit)),
        };
    }

    private bool FailedWithin(TimeSpan span) => time.GetElapsedTime(Volatile.Read(ref _failedAt)) < span;

    private void Lose(string problem)
    {
        if (_lost) return;
        _lost = true;
        LogLost(log, problem, options.OnOutage);
    }

    private void Find()
    {
        _lost = false;
        LogBack(log);
    }

    [LoggerMessage(EventIds.RateLimitStoreLost, LogLevel.Warning,
        "Redis does not count requests of limited routes ({Problem}); RateLimiter:OnOutage is {OnOutage}")]
    private static partial void LogLost(ILogger logger, string problem, RateLimitOutage onOutage);

    [LoggerMessage(EventIds.RateLimitStoreBack, LogLevel.Information, "Redis counts requests of limited routes again")]
    private static partial void LogBack(ILogger logger);
}
