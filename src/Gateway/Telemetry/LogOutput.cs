using System.Diagnostics.CodeAnalysis;

namespace Gateway.Telemetry;

/// <summary>
/// The one writer of standard output and standard error. Lines wait in a <see cref="LogBuffer"/>; a thread of its own writes
/// them, because a write to a pipe that nobody reads does not return: no request, no thread of the pool and no shutdown may be
/// inside it.
/// </summary>
internal sealed class LogOutput(Stream output, Stream error) : IDisposable
{
    /// <summary>
    /// Bytes that a pipe takes whole or not at all (<c>PIPE_BUF</c> of Linux, <c>pipe(7)</c>): no line of a shorter write is torn
    /// when another program writes to the same pipe or the process ends.
    /// </summary>
    private const int Whole = 4096;

    /// <summary>How often the lines of requests are written, which wake nobody.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a stop waits for the last lines to be taken.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly object _signal = new();

    /// <summary>Streams that failed, perhaps in the middle of a line.</summary>
    private readonly HashSet<Stream> _torn = [];

    private LogBuffer[] _buffers = [];
    private TimeSpan _interval = Timeout.InfiniteTimeSpan;
    private Thread? _thread;
    private bool _awake, _stopping;
    private volatile bool _failing;

    /// <summary>Lines of the program itself that were lost.</summary>
    public Counter DroppedEvents { get; } = new();

    /// <summary>Lines of the access log that were lost.</summary>
    public Counter DroppedRequests { get; } = new();

    /// <summary>Whether the last write failed: what is said now is lost as well.</summary>
    public bool Failing => _failing;

    /// <summary>A buffer for the program's own lines; <see cref="Wake"/> has them written.</summary>
    public LogBuffer OpenEvents(bool toError, int capacity) => Open(new(toError ? error : output, capacity, DroppedEvents));

    /// <summary>A buffer for lines of requests, written ten times a second.</summary>
    public LogBuffer OpenRequests(int capacity)
    {
        lock (_signal)
            _interval = Interval;
        return Open(new(output, capacity, DroppedRequests));
    }

    /// <summary>Has all that waits written now.</summary>
    public void Wake()
    {
        lock (_signal)
        {
            _awake = true;
            Monitor.Pulse(_signal);
        }
    }

    /// <summary>Writes the last lines, for two seconds at most: what nobody has read by then is lost.</summary>
    public void Dispose()
    {
        lock (_signal)
            _stopping = true;
        Wake();
        _thread?.Join(Grace);
    }

    private LogBuffer Open(LogBuffer buffer)
    {
        lock (_signal)
        {
            _buffers = [.. _buffers, buffer];
            if (_thread is null)
            {
                _thread = new(Run) { IsBackground = true, Name = "Log output" };
                _thread.Start();
            }
        }
        Wake(); // the interval may be another
        return buffer;
    }

    private void Run()
    {
        var spare = new JsonLines();
        while (true)
        {
            var (buffers, last) = NextRound();
            foreach (var buffer in buffers)
                spare = Drain(buffer, spare);
            if (last) return;
        }
    }

    private (LogBuffer[] Buffers, bool Last) NextRound()
    {
        lock (_signal)
        {
            if (!_awake)
                Monitor.Wait(_signal, _interval);
            _awake = false;
            return (_buffers, _stopping);
        }
    }

    private JsonLines Drain(LogBuffer buffer, JsonLines spare)
    {
        if (buffer.IsEmpty) return spare;
        var full = buffer.Exchange(spare);
        if (!TryWrite(buffer.Stream, full.Written.Span))
            buffer.Dropped.Add(full.Count);
        full.Clear();
        return full;
    }

    [SuppressMessage("Design", "CA1031", Justification = "A full disk, a file at its limit: nothing here may end the process.")]
    private bool TryWrite(Stream stream, ReadOnlySpan<byte> lines)
    {
        try
        {
            if (_torn.Remove(stream))
                stream.Write("\n"u8);
            while (lines.Length > 0)
            {
                var length = WholeLines(lines);
                stream.Write(lines[..length]);
                lines = lines[length..];
            }
            stream.Flush();
            return true;
        }
        catch (Exception)
        {
            _torn.Add(stream);
            return false;
        }
        finally
        {
            _failing = _torn.Count > 0;
        }
    }

    /// <summary>The length of as many lines as a pipe takes at once, or of one longer line.</summary>
    private static int WholeLines(ReadOnlySpan<byte> lines)
    {
        if (lines.Length <= Whole) return lines.Length;
        var end = lines[..Whole].LastIndexOf((byte)'\n');
        if (end < 0)
            end = lines.IndexOf((byte)'\n');
        return end < 0 ? lines.Length : end + 1;
    }
}
