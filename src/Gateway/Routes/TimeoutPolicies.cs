using Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// The time-outs of one load by name. A route that names one gets its time as its own <c>Timeout</c>, so YARP, which knows
/// only policies that are fixed at start, has nothing to look up.
/// </summary>
internal sealed class TimeoutPolicies
{
    public const string Section = "RequestTimeouts";

    private const string Policies = $"{Section}:{nameof(Shape.Policies)}";

    /// <summary>ASP.NET Core counts a route's time in milliseconds, as an <see cref="int"/>: 24.8 days.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1), Longest = TimeSpan.FromDays(24);

    private readonly Dictionary<string, TimeSpan?> _times = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the section; mistakes go to <paramref name="errors"/>.</summary>
    public static TimeoutPolicies Read(IConfiguration configuration, ConfigErrors errors)
    {
        var policies = new TimeoutPolicies();
        SectionChecker.Check(configuration.GetSection(Section), typeof(Shape), errors);
        foreach (var child in PolicyNames.Defined(configuration.GetSection(Policies), errors))
            policies._times[child.Key] = ReadTime(child.GetSection(nameof(Policy.Timeout)), errors);
        return policies;
    }

    private static TimeSpan? ReadTime(IConfigurationSection section, ConfigErrors errors)
    {
        if (section.Value is not { } text)
        {
            if (!section.GetChildren().Any())
                errors.Add(section.Path, "is missing: set it to how long a request may take, such as 30s");
            return null;
        }
        if (Duration.Parse(text) is { } time) return InRange(section.Path, time, errors);
        errors.Add(section.Path, Duration.Problem);
        return null;
    }

    private static TimeSpan? InRange(string key, TimeSpan time, ConfigErrors errors)
    {
        if (time >= Shortest && time <= Longest) return time;
        errors.Add(key, $"is outside {Shortest.TotalMilliseconds}ms to {Longest.Days}d");
        return null;
    }

    /// <summary>The route with the time it sets or names; what is wrong goes to <paramref name="errors"/>.</summary>
    public RouteConfig AddTo(RouteConfig route, ConfigErrors errors)
    {
        var key = $"{RouteTable.Section}:Routes:{route.RouteId}";
        var own = route.Timeout is { } time ? InRange($"{key}:{nameof(route.Timeout)}", time, errors) : null;
        var name = route.TimeoutPolicy;
        if (string.IsNullOrEmpty(name)) return route with { Timeout = own };

        if (route.Timeout is not null)
            errors.Add($"{key}:{nameof(route.TimeoutPolicy)}", "stands beside a Timeout: take one of them out");
        else if (!_times.TryGetValue(name, out own) && !PolicyNames.IsDisable(name))
            errors.Add($"{key}:{nameof(route.TimeoutPolicy)}", PolicyNames.Problem(name, Policies, _times.Keys));
        return route with { Timeout = own, TimeoutPolicy = null };
    }

    /// <summary>Whether the key is a route's own <c>Timeout</c>, which YARP's reader takes in one form only.</summary>
    public static bool IsOwnTime(string key)
    {
        return key.Split(':') is [_, var routes, _, var name] && Is(routes, "Routes") && Is(name, nameof(RouteConfig.Timeout));

        static bool Is(string part, string other) => part.Equals(other, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What may stand in the section, for <see cref="SectionChecker"/>.</summary>
    private sealed record Shape(IReadOnlyDictionary<string, Policy> Policies);

    private sealed record Policy(string Timeout);
}
