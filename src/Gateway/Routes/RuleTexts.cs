using Gateway.Configuration;
using Gateway.Rules;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// The access rules of one load, as texts: the one that a route names travels in the route's metadata, so that rules and
/// routes cannot come from two loads, and YARP sees a rule-only change.
/// </summary>
internal sealed class RuleTexts
{
    public const string Section = "AccessRules";

    /// <summary>Metadata keys under which a route carries its rule; a user's own metadata cannot set them.</summary>
    public const string NameKey = "Gateway.AccessRule.Name";
    public const string TextKey = "Gateway.AccessRule";

    private const string AnonymousName = "anonymous";
    private const string AnonymousText = """{"Session":"None"}""";

    private static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    private readonly Dictionary<string, string> _texts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the section; mistakes go to <paramref name="errors"/>.</summary>
    public static RuleTexts Read(IConfigurationSection section, ConfigErrors errors)
    {
        var rules = new RuleTexts();
        if (!string.IsNullOrEmpty(section.Value))
            errors.Add(section.Path, "is a single value where a section is expected");
        foreach (var child in section.GetChildren())
        {
            var json = ConfigurationJson.Of(child);
            var problems = new RuleProblems();
            AccessRule.Read(child.Key, json, problems);
            foreach (var (place, problem) in problems.All)
                errors.Add(child.Path + place, problem);
            rules._texts[child.Key] = json.GetRawText();
        }
        return rules;
    }

    /// <summary>
    /// The route with the rule it names, or the one that requires a session; a name that is none goes to
    /// <paramref name="errors"/>.
    /// </summary>
    public RouteConfig AddTo(RouteConfig route, ConfigErrors errors)
    {
        var plain = route with { AuthorizationPolicy = null };
        var name = route.AuthorizationPolicy;
        if (string.IsNullOrEmpty(name)) return Carrying(plain, AccessRule.DefaultName, AccessRule.DefaultJson);
        if (_texts.TryGetValue(name, out var text)) return Carrying(plain, name, text);
        errors.Add(
            $"{RouteTable.Section}:Routes:{route.RouteId}:AuthorizationPolicy",
            $"names no access rule{Suggestion.For(name, _texts.Keys)}");
        return plain;
    }

    public static RouteConfig Anonymous(RouteConfig route) => Carrying(route, AnonymousName, AnonymousText);

    private static RouteConfig Carrying(RouteConfig route, string name, string text) => route with
    {
        Metadata = new Dictionary<string, string>(route.Metadata ?? NoMetadata, StringComparer.OrdinalIgnoreCase)
        {
            [NameKey] = name,
            [TextKey] = text,
        },
    };
}
