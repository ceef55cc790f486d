using System.Diagnostics.CodeAnalysis;
using Gateway.Configuration;
using Gateway.Telemetry;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>What a reading of the whole configuration has found.</summary>
/// <param name="Table">Null, with every mistake listed, when it is refused.</param>
/// <param name="NeedRestart">Sections that were changed but are only read at a start.</param>
internal sealed record RouteLoad(RouteTable? Table, IReadOnlyList<ConfigError> Errors, IReadOnlyList<string> NeedRestart);

/// <summary>Reads the whole configuration again; null when nothing has changed.</summary>
internal delegate RouteLoad? RouteLoader();

/// <summary>
/// Takes a changed configuration over while running: whole or not at all. A refused one changes nothing, is logged, counted
/// and shown by readiness, and the next good one is taken. One is called applied when YARP says that requests meet it.
/// </summary>
internal sealed partial class RouteReload(
    IConfiguration configuration,
    InMemoryConfigProvider proxy,
    RouteLoader read,
    GatewayMetrics metrics,
    TimeProvider time,
    ILogger<RouteReload> log)
    : IHostedService, IConfigChangeListener
{
    private readonly Lock _gate = new();
    private readonly Counter _applied = new();
    private readonly Counter _refused = new();
    private IDisposable? _watch;
    private RouteTable? _pending;
    private long _appliedAt = time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>
    /// What is wrong with the configuration as it is saved now, while an older one serves; empty when they are the same.
    /// </summary>
    public IReadOnlyList<ConfigError> Refused { get; private set; } = [];

    /// <summary>Sections that were changed but are only read at a start.</summary>
    public IReadOnlyList<string> NeedRestart { get; private set; } = [];

    /// <summary>
    /// Why the routes that were handed over are not what requests meet, or null. It stays: routing does not listen any more
    /// after its matcher could not be built (dotnet/yarp#2791), so only a restart helps.
    /// </summary>
    public string? Broken { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.ConfigReloads.Add("applied", () => _applied.Value);
        metrics.ConfigReloads.Add("refused", () => _refused.Value);
        metrics.ConfigLastApplied.Add(() => Interlocked.Read(ref _appliedAt));
        _watch = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
        Reload(); // what was saved since it was read
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _watch?.Dispose();
        return Task.CompletedTask;
    }

    private void Reload()
    {
        lock (_gate)
        {
            if (Read() is not { } load) return;
            Refused = load.Errors;
            if (load.Table is null)
            {
                _refused.Increment();
                LogRefused(log, load.Errors.Count, string.Join("\n  ", load.Errors));
                return;
            }
            NeedRestart = load.NeedRestart;
            if (NeedRestart.Count > 0)
                LogNeedsRestart(log, string.Join(", ", NeedRestart));
            Apply(load.Table);
        }
    }

    /// <summary>YARP takes the table over before <c>Update</c> returns, and says so.</summary>
    private void Apply(RouteTable table)
    {
        if (Broken is null)
        {
            _pending = table;
            proxy.Update(table.Routes, table.Clusters);
            if (_pending is null) return;
            Broken ??= "YARP did not take them over";
        }
        _refused.Increment();
        LogNotInForce(log, Broken);
    }

    void IConfigChangeListener.ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        if (_pending is not { } table || !proxyConfigs.Any(config => ReferenceEquals(config.Routes, table.Routes))) return;
        _pending = null;
        _applied.Increment();
        Interlocked.Exchange(ref _appliedAt, time.GetUtcNow().ToUnixTimeSeconds());
        LogApplied(log, table.Routes.Count);
    }

    void IConfigChangeListener.ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) =>
        Broken = exception.GetBaseException().Message;

    void IConfigChangeListener.ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        // Read, not yet in force.
    }

    void IConfigChangeListener.ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) =>
        Broken = exception.GetBaseException().Message;

    /// <summary>An exception would vanish in the file watcher, and nobody would learn that the file is not in force.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The last resort.")]
    private RouteLoad? Read()
    {
        try
        {
            return read();
        }
        catch (Exception e)
        {
            return new(null, [new("configuration", "the configuration", null, $"cannot be read: {e.GetType().Name}")], []);
        }
    }

    [LoggerMessage(EventIds.ConfigurationLoaded, LogLevel.Information, "Configuration reloaded: {Routes} routes")]
    private static partial void LogApplied(ILogger logger, int routes);

    [LoggerMessage(EventIds.ConfigurationRefused, LogLevel.Error,
        "The changed configuration has {Count} mistakes and is not used; the last good one serves on:\n  {Errors}")]
    private static partial void LogRefused(ILogger logger, int count, string errors);

    [LoggerMessage(EventIds.ConfigurationNotInForce, LogLevel.Critical,
        "The changed configuration is good but not in force, because routes could not be built: {Problem}. Restart the gateway")]
    private static partial void LogNotInForce(ILogger logger, string problem);

    [LoggerMessage(EventIds.ConfigurationNeedsRestart, LogLevel.Warning, "Changed, but only read at a start: {Sections}")]
    private static partial void LogNeedsRestart(ILogger logger, string sections);
}
