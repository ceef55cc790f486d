namespace Gateway.Configuration;

/// <summary>The names by which routes choose a policy. Some have YARP's meaning and cannot be defined.</summary>
internal static class PolicyNames
{
    private const string Default = "default";
    private const string Disable = "disable";

    private static readonly string[] Reserved = [Default, Disable, "anonymous"];

    /// <summary>None of its own.</summary>
    public static bool IsDefault(string name) => name.Equals(Default, StringComparison.OrdinalIgnoreCase);

    /// <summary>None at all.</summary>
    public static bool IsDisable(string name) => name.Equals(Disable, StringComparison.OrdinalIgnoreCase);

    public static bool IsReserved(string name) => Reserved.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The policies that a section defines, without those whose name is taken.</summary>
    public static IEnumerable<IConfigurationSection> Defined(IConfigurationSection policies, ConfigErrors errors)
    {
        foreach (var policy in policies.GetChildren())
        {
            if (IsReserved(policy.Key))
                errors.Add(policy.Path, "is a name that has a meaning of its own on routes: choose another");
            else
                yield return policy;
        }
    }

    /// <summary>A route's key that names none of the policies.</summary>
    public static string Problem(string name, string section, IEnumerable<string> known)
    {
        if (IsReserved(name)) return $"is no policy here: take it out, or name one of {section}";
        var names = known.ToArray();
        return names.Length == 0
            ? $"names no policy: define it in {section}"
            : $"names no policy of {section}{Suggestion.For(name, names)}";
    }
}
