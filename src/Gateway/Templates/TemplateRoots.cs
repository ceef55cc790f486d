using Gateway.Configuration;

namespace Gateway.Templates;

/// <summary>The index of what a placeholder's path can start at.</summary>
internal static class TemplateRoots
{
    private static readonly Dictionary<string, Func<string[], TemplatePath>> ByName = new(StringComparer.Ordinal)
    {
        ["identity"] = names => new IdentityPath(names),
        ["session"] = names => new SessionPath(names),
        ["caller"] = names => new CallerPath(names),
        ["request"] = names => new RequestPath(names),
        ["route"] = names => new RoutePath(names),
        ["match"] = names => new MatchPath(names),
    };

    /// <summary>The path, or what is wrong with it.</summary>
    public static TemplatePath? Read(IReadOnlyList<string> path, out string? problem)
    {
        problem = null;
        if (!ByName.TryGetValue(path[0], out var create))
        {
            problem = $"has a placeholder that starts with {path[0]}{Suggestion.For(path[0], ByName.Keys)}";
            return null;
        }
        var read = create([.. path.Skip(1)]);
        problem = read.Problem() is { } wrong ? $"has the placeholder {{{string.Join('.', path)}}}, which {wrong}" : null;
        return problem is null ? read : null;
    }

    /// <summary>What is wrong unless there is exactly one name, one of the known.</summary>
    public static string? OneOf(string root, string[] names, IEnumerable<string> known)
    {
        if (names.Length == 1 && known.Contains(names[0], StringComparer.Ordinal)) return null;
        return $"is nothing of {root}{Suggestion.For(string.Join('.', names), known)}";
    }
}
