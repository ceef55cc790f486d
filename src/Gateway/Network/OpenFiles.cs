namespace Gateway.Network;

/// <summary>How many files and sockets the process may have open, and how many connections that allows.</summary>
internal static class OpenFiles
{
    /// <summary>
    /// For the program itself (240 at a start), what it loads later, Kratos, the database of the replicas, Redis and the
    /// management listener.
    /// </summary>
    public const int Reserved = 424;

    private const int Fewest = 16;
    private const int Most = 100_000;
    private const string Line = "Max open files";

    /// <summary>
    /// The soft limit, which .NET raises to the hard one when it starts; null: there is none, or the system does not say.
    /// </summary>
    public static int? Limit()
    {
        try
        {
            return Parse(File.ReadLines("/proc/self/limits"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Limit"/>
    /// <param name="limits">The lines of <c>/proc/[pid]/limits</c> (proc(5)): name, soft limit, hard limit, unit.</param>
    public static int? Parse(IEnumerable<string> limits)
    {
        var line = limits.FirstOrDefault(one => one.StartsWith(Line, StringComparison.Ordinal));
        var soft = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        if (!long.TryParse(soft, out var files)) return null;
        return (int)Math.Min(files, int.MaxValue);
    }

    /// <summary>Half of what is not reserved: every connection may need another to a service.</summary>
    public static int Connections(int? limit) =>
        limit is { } files ? Math.Clamp((files - Reserved) / 2, Fewest, Most) : Most;
}
