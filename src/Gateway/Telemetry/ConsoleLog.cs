using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Configuration;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Gateway.Telemetry;

/// <summary>
/// The framework's console log, with its formatters and the keys under <c>Logging:Console</c>, but for the writing: its queue
/// makes whoever logs wait for output, or else keeps the number of dropped events to itself, and after one failed write every
/// event is written by the request that logs it. Here events go to <see cref="LogOutput"/>. <c>QueueFullMode</c> means nothing:
/// a full queue drops.
/// </summary>
[ProviderAlias("Console")]
internal sealed partial class ConsoleLog : ILoggerProvider, ISupportExternalScope
{
    /// <summary>Bytes that may wait, however few events they are.</summary>
    private const int Capacity = 4 * 1024 * 1024;

    private readonly FrozenDictionary<string, ConsoleFormatter> _formatters;
    private readonly IOptionsMonitor<ConsoleLoggerOptions> _options;
    private readonly LogOutput _output;
    private readonly LogBuffer _toOutput, _toError;
    private readonly Logger _own;
    private IExternalScopeProvider? _scopes;
    private long _told;

    public ConsoleLog(IEnumerable<ConsoleFormatter> formatters, IOptionsMonitor<ConsoleLoggerOptions> options, LogOutput output)
    {
        _formatters = formatters.ToFrozenDictionary(f => f.Name, StringComparer.OrdinalIgnoreCase);
        (_options, _output) = (options, output);
        (_toOutput, _toError) = (output.OpenEvents(toError: false, Capacity), output.OpenEvents(toError: true, Capacity));
        _own = new(this, typeof(ConsoleLog).FullName!);
    }

    /// <summary>Takes the seat of the framework's console log.</summary>
    public static void Replace(ILoggingBuilder logging)
    {
        logging.ClearProviders().AddConfiguration();
        LoggerProviderOptions.RegisterProviderOptions<ConsoleLoggerOptions, ConsoleLog>(logging.Services);
        logging.Services.AddSingleton<ILoggerProvider, ConsoleLog>();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>Nothing: <see cref="LogOutput"/>, which is disposed of later, writes the last lines.</summary>
    public void Dispose()
    {
    }

    private void Write<TState>(in LogEntry<TState> entry)
    {
        var options = _options.CurrentValue;
        var buffer = entry.LogLevel >= options.LogToStandardErrorThreshold ? _toError : _toOutput;
        // Asked before the event is formatted as well: a flood that is not read costs little.
        if (!HasRoom(buffer, options))
        {
            buffer.Dropped.Increment();
            return;
        }
        TellDropped();
        using var text = new StringWriter();
        FormatterOf(options).Write(entry, _scopes, text);
        lock (buffer.Gate)
        {
            if (HasRoom(buffer, options))
                buffer.Lines.Event(text.ToString());
            else
                buffer.Dropped.Increment();
        }
        _output.Wake();
    }

    private static bool HasRoom(LogBuffer buffer, ConsoleLoggerOptions options)
    {
        lock (buffer.Gate)
            return buffer.HasRoom && buffer.Lines.Count < options.MaxQueueLength;
    }

    private ConsoleFormatter FormatterOf(ConsoleLoggerOptions options) =>
        _formatters.GetValueOrDefault(options.FormatterName ?? "") ?? _formatters[ConsoleFormatterNames.Simple];

    /// <summary>Says how many lines are missing, as soon as there is hope that somebody reads it.</summary>
    private void TellDropped()
    {
        if (_output.Failing) return;
        var told = Interlocked.Read(ref _told);
        var dropped = _output.DroppedEvents.Value + _output.DroppedRequests.Value;
        if (dropped > told && Interlocked.CompareExchange(ref _told, dropped, told) == told)
            LogDropped(_own, dropped - told);
    }

    [LoggerMessage(EventIds.LogDropped, LogLevel.Warning,
        "Output could not keep up: {Count} lines of the log and the access log were dropped")]
    private static partial void LogDropped(ILogger logger, long count);

    private sealed class Logger(ConsoleLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => log._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter));
        }
    }
}
