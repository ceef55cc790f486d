using Gateway.Configuration;
using Gateway.Traffic.Cors;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>The CORS policies of one load. The one that a route names travels in its metadata, as its rule does.</summary>
internal sealed class CorsPolicies
{
    public const string Section = "Cors";

    private const string Policies = $"{Section}:{nameof(Shape.Policies)}";

    /// <summary>Of <c>disable</c>: nobody may, whatever the service says.</summary>
    private static readonly CorsPolicySettings Nobody = new();

    private readonly Dictionary<string, CorsPolicySettings> _settings = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the section; mistakes go to <paramref name="errors"/>.</summary>
    public static CorsPolicies Read(IConfiguration configuration, ConfigErrors errors)
    {
        var policies = new CorsPolicies();
        var section = configuration.GetSection(Section);
        SectionChecker.Check(section, typeof(Shape), errors);
        foreach (var child in PolicyNames.Defined(configuration.GetSection(Policies), errors))
        {
            var isBad = errors.All.Any(error => error.Key.StartsWith($"{child.Path}:", StringComparison.OrdinalIgnoreCase));
            var settings = isBad ? new() : child.Get<CorsPolicySettings>() ?? new();
            if (!isBad)
                settings.Validate(child.Path, errors);
            policies._settings[child.Key] = settings;
        }
        return policies;
    }

    /// <summary>The route with the policy it names; a name that is none goes to <paramref name="errors"/>.</summary>
    public RouteConfig AddTo(RouteConfig route, ConfigErrors errors)
    {
        var plain = route with { CorsPolicy = null };
        var name = route.CorsPolicy;
        if (string.IsNullOrEmpty(name)) return plain;
        if (PolicyNames.IsDisable(name)) return With(plain, name.ToLowerInvariant(), Nobody);
        if (_settings.TryGetValue(name, out var settings)) return With(plain, Spelled(name), settings);
        errors.Add(
            $"{RouteTable.Section}:Routes:{route.RouteId}:{nameof(route.CorsPolicy)}",
            PolicyNames.Problem(name, Policies, _settings.Keys));
        return plain;
    }

    private string Spelled(string name) =>
        _settings.Keys.First(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static RouteConfig With(RouteConfig route, string name, CorsPolicySettings settings) =>
        route.With(RouteCors.NameKey, name).With(RouteCors.TextKey, settings.ToText());

    /// <summary>What may stand in the section, for <see cref="SectionChecker"/>.</summary>
    private sealed record Shape(IReadOnlyDictionary<string, CorsPolicySettings> Policies);
}
