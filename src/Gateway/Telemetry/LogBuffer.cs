namespace Gateway.Telemetry;

/// <summary>Lines that wait for the thread of <see cref="LogOutput"/>. What finds no room is dropped and counted.</summary>
internal sealed class LogBuffer(Stream stream, int capacity, Counter dropped)
{
    public Lock Gate { get; } = new();

    /// <summary>Under <see cref="Gate"/>.</summary>
    public JsonLines Lines { get; private set; } = new();

    /// <summary>Under <see cref="Gate"/>.</summary>
    public bool HasRoom => Lines.Written.Length < capacity;

    public bool IsEmpty
    {
        get
        {
            lock (Gate)
                return Lines.Written.IsEmpty;
        }
    }

    /// <summary>Where the lines are to go.</summary>
    public Stream Stream => stream;

    /// <summary>Counts the lines that were lost.</summary>
    public Counter Dropped => dropped;

    /// <summary>Takes all that waits.</summary>
    public JsonLines Exchange(JsonLines empty)
    {
        lock (Gate)
        {
            var full = Lines;
            Lines = empty;
            return full;
        }
    }
}
