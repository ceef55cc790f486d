namespace Gateway.Configuration;

/// <summary>"Did you mean …?" for a misspelt name.</summary>
internal static class Suggestion
{
    /// <summary>A clause naming the nearest known name, or all of them when none is near.</summary>
    public static string For(string name, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 0) return "";
        var nearest = names.MinBy(n => Distance(name, n))!;
        return IsNear(name, nearest)
            ? $": did you mean {nearest}?"
            : $": known here are {string.Join(", ", names)}";
    }

    /// <summary>Whether one may be a misspelling of the other.</summary>
    public static bool IsNear(string name, string other) => Distance(name, other) <= Math.Max(2, name.Length / 4);

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }
        return row[^1];
    }
}
