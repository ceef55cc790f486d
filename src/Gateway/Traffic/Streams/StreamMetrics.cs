using Gateway.Telemetry;

namespace Gateway.Traffic.Streams;

/// <summary>How many streams are open and were ended, and a log line for each of these.</summary>
internal sealed partial class StreamMetrics
{
    private readonly long[] _open = new long[Enum.GetValues<StreamKind>().Length];
    private readonly Counter[] _ended = [.. Enum.GetValues<StreamEnd>().Select(_ => new Counter())];
    private readonly ILogger _log;

    public StreamMetrics(GatewayMetrics metrics, ILogger<StreamMetrics> log)
    {
        _log = log;
        foreach (var kind in Enum.GetValues<StreamKind>())
            metrics.StreamsOpen.Add(kind.Name(), () => Interlocked.Read(ref _open[(int)kind]));
        foreach (var end in Enum.GetValues<StreamEnd>())
            metrics.StreamsEnded.Add(end.Name(), () => _ended[(int)end].Value);
    }

    public void Opened(StreamKind kind) => Interlocked.Increment(ref _open[(int)kind]);

    public void Closed(StreamKind kind) => Interlocked.Decrement(ref _open[(int)kind]);

    public void Ended(OpenStream stream, StreamEnd end)
    {
        _ended[(int)end].Increment();
        LogEnded(_log, stream.RequestId, stream.Route, end.Name());
    }

    [LoggerMessage(EventIds.StreamEnded, LogLevel.Information,
        "The stream of request {RequestId} of route {Route} was ended: {Reason}")]
    private static partial void LogEnded(ILogger logger, string requestId, string route, string reason);
}
