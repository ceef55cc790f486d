using System.Globalization;

namespace Gateway.Configuration;

/// <summary>
/// A duration as people write it: <c>hh:mm:ss</c>, or a whole number with its unit, such as <c>250ms</c>, <c>30s</c>,
/// <c>5m</c>, <c>1h</c>, <c>1d</c>.
/// </summary>
internal static class Duration
{
    /// <summary>What to say to who wrote something else.</summary>
    public const string Problem = "is not a duration: write 250ms, 30s, 5m, 1h, 1d or hh:mm:ss";

    /// <summary>Milliseconds first: they end as seconds do.</summary>
    private static readonly (string Name, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Null: it is none. A number without a unit is none, because it could be of any.</summary>
    public static TimeSpan? Parse(string text)
    {
        foreach (var (name, length) in Units)
            if (text.EndsWith(name, StringComparison.Ordinal)) return Times(text[..^name.Length], length);
        if (!text.Contains(':', StringComparison.Ordinal)) return null;
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>
    /// The section with the durations of these keys as <c>hh:mm:ss</c>, the only form that its reader knows. What is no
    /// duration stays, and is named by that reader.
    /// </summary>
    /// <param name="isDuration">Told the whole path of a key.</param>
    public static IConfigurationSection Spelled(IConfigurationSection section, Func<string, bool> isDuration)
    {
        var pairs = section.AsEnumerable().ToArray();
        var spelled = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in pairs)
        {
            if (value is null || value.Contains(':', StringComparison.Ordinal) || !isDuration(path)) continue;
            if (Parse(value) is { } duration)
                spelled[path] = duration.ToString("c");
        }
        if (spelled.Count == 0) return section;
        return new ConfigurationBuilder()
            .AddInMemoryCollection(pairs)
            .AddInMemoryCollection(spelled)
            .Build()
            .GetSection(section.Path);
    }

    private static TimeSpan? Times(string number, TimeSpan unit)
    {
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        return count <= TimeSpan.MaxValue.Ticks / unit.Ticks ? new TimeSpan(count * unit.Ticks) : null;
    }
}
