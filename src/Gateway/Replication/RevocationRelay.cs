using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Revocations;
using Gateway.Telemetry;
using Npgsql;

namespace Gateway.Replication;

/// <summary>
/// Carries revocations between replicas through PostgreSQL's <c>LISTEN</c>/<c>NOTIFY</c>: one connection listens, another
/// sends. While the one that listens is lost, cached verdicts are trusted for a shorter time; once it is back, what was cached
/// before is asked for again. While the one that sends is lost, revocations wait for it, and nobody trusts any less.
/// </summary>
internal sealed partial class RevocationRelay(
    ReplicationOptions options,
    SessionRevocations revocations,
    CacheTrust trust,
    GatewayMetrics metrics,
    TimeProvider time,
    ILogger<RevocationRelay> log) : BackgroundService
{
    /// <summary>More than this while PostgreSQL is away, and the others are told to drop everything instead.</summary>
    private const int MaxQueued = 100_000;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly string _self = Guid.NewGuid().ToString("N");
    private readonly ConcurrentQueue<Revocation> _queue = new();
    private readonly SemaphoreSlim _queued = new(0);
    private readonly Counter _sent = new();
    private readonly Counter _received = new();
    private volatile bool _listening;
    private int _overflow;

    /// <summary>Whether this replica hears the others now.</summary>
    public bool Connected => _listening;

    /// <summary>Whether it should hear the others, and does not.</summary>
    public bool IsLost => options.Enabled && !Connected;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.ReplicationConnected.Add(() => Connected ? 1 : 0);
        metrics.ReplicationRevocations.Add("sent", () => _sent.Value);
        metrics.ReplicationRevocations.Add("received", () => _received.Value);
        trust.Limit(options.CacheDurationWhileLost);
        revocations.Revoked += Enqueue;
        return base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RepeatAsync(ListenAsync, stoppingToken), RepeatAsync(SendAsync, stoppingToken));

    private void Enqueue(Revocation revocation)
    {
        if (_queue.Count >= MaxQueued)
        {
            Volatile.Write(ref _overflow, 1);
            return;
        }
        _queue.Enqueue(revocation);
        _queued.Release();
    }

    private async Task ListenAsync(NpgsqlConnection connection, Action working, CancellationToken cancellationToken)
    {
        connection.Notification += (_, e) => Hear(e.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {options.Channel}", connection)) // the name is checked at load
            await listen.ExecuteNonQueryAsync(cancellationToken);
        _listening = true;
        trust.Restore();
        working();
        try
        {
            while (true)
                await connection.WaitAsync(cancellationToken);
        }
        finally
        {
            _listening = false;
            trust.Limit(options.CacheDurationWhileLost);
        }
    }

    private async Task SendAsync(NpgsqlConnection connection, Action working, CancellationToken cancellationToken)
    {
        await using var notify = new NpgsqlCommand("SELECT pg_notify($1, $2)", connection)
        {
            Parameters = { new() { Value = options.Channel }, new() { Value = "" } },
        };
        await notify.PrepareAsync(cancellationToken);
        working();
        while (true)
        {
            if (Interlocked.Exchange(ref _overflow, 0) == 1)
                await SendOneAsync(Revocation.Everything);
            while (_queue.TryPeek(out var revocation))
            {
                await SendOneAsync(revocation); // stays queued until it is sent
                _queue.TryDequeue(out _);
            }
            // A connection that died silently is noticed here as well, before it is needed.
            if (!await _queued.WaitAsync(TimeSpan.FromSeconds(5), cancellationToken))
                await SendOneAsync(Revocation.Nothing);
        }

        async Task SendOneAsync(Revocation revocation)
        {
            notify.Parameters[1].Value = $"{_self} {revocation.Text}";
            await notify.ExecuteNonQueryAsync(cancellationToken);
            if (revocation != Revocation.Nothing)
                _sent.Increment();
        }
    }

    private void Hear(string payload)
    {
        var space = payload.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || payload.AsSpan(0, space).SequenceEqual(_self)) return;
        if (Revocation.Parse(payload[(space + 1)..]) is not { } revocation || revocation == Revocation.Nothing) return;
        _received.Increment();
        if (revocation == Revocation.Everything)
            trust.Forget();
        else
            revocations.Apply(revocation);
    }

    /// <summary>
    /// Keeps a connection at work, with back-off between tries. What a library throws that is answered with nonsense is no closed
    /// list, and an exception that left this loop would end the gateway.
    /// </summary>
    [SuppressMessage("Design", "CA1031", Justification = "The last resort.")]
    private async Task RepeatAsync(
        Func<NpgsqlConnection, Action, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            Pooling = false,
            KeepAlive = 2,
            Timeout = 3,
            CommandTimeout = 3,
            ApplicationName = "gateway",
        };
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(cancellationToken);
                await work(connection, Working, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // No message: it may hold addresses and names.
                LogLost(log, delay, (e as PostgresException)?.SqlState ?? e.GetType().Name);
            }
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }

        void Working()
        {
            delay = FirstDelay;
            LogConnected(log);
        }
    }

    [LoggerMessage(EventIds.ReplicationConnected, LogLevel.Information,
        "Connected to the database that carries revocations between replicas")]
    private static partial void LogConnected(ILogger logger);

    [LoggerMessage(EventIds.ReplicationLost, LogLevel.Warning,
        "No connection to the database that carries revocations between replicas ({Error}); "
        + "cached sessions are trusted for a shorter time; next try in {Delay}")]
    private static partial void LogLost(ILogger logger, TimeSpan delay, string error);
}
