using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Forwarding.Mutators;
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

    /// <summary>What the gateway puts there begins so.</summary>
    private const string OwnPrefix = "Gateway.";

    private const string AnonymousName = "anonymous";
    private const string AnonymousText = """{"Session":"None"}""";

    private static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    private readonly Dictionary<string, string> _texts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, MutatorText> _mutators = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _ownHeaders = new(HeaderAliases.Comparer);
    private readonly HashSet<string> _ownCookies = new(HeaderAliases.Comparer);

    /// <summary>Reads the section; mistakes go to <paramref name="errors"/>.</summary>
    public static RuleTexts Read(IConfigurationSection section, RouteSettings settings, ConfigErrors errors)
    {
        var rules = new RuleTexts();
        if (!string.IsNullOrEmpty(section.Value))
            errors.Add(section.Path, "is a single value where a section is expected");
        foreach (var child in section.GetChildren())
        {
            var json = ConfigurationJson.Of(child);
            var problems = new PlacedProblems();
            AccessRule.Read(child.Key, json, problems);
            errors.Add(child.Path, problems);
            rules._texts[child.Key] = json.GetRawText();
            var reading = new MutatorReading
            {
                SessionCookie = settings.SessionCookie,
                IdentityHeaders = settings.IdentityHeaders,
                HasTokens = settings.Tokens.IsOn,
                Issuer = settings.Tokens.Issuer,
            };
            rules.ReadMutators(child, reading, errors);
        }
        return rules;
    }

    private void ReadMutators(IConfigurationSection rule, MutatorReading reading, ConfigErrors errors)
    {
        var section = rule.GetSection(RuleMutators.Key);
        if (!section.Exists()) return;
        var json = ConfigurationJson.Of(section);
        var mutators = RuleMutators.Read(json, reading);
        errors.Add(section.Path, reading.Problems);
        _ownHeaders.UnionWith(mutators.SelectMany(mutator => mutator.HeaderNames));
        _ownCookies.UnionWith(mutators.SelectMany(mutator => mutator.CookieNames));
        _mutators[rule.Key] = new(
            json.GetRawText(),
            mutators.Any(mutator => mutator.NeedsSession),
            mutators.Select(mutator => mutator.IssuerId).FirstOrDefault(id => id is not null));
    }

    /// <summary>
    /// The route with the rule it names, or the one that requires a session; a name that is none goes to
    /// <paramref name="errors"/>.
    /// </summary>
    public RouteConfig AddTo(RouteConfig route, ConfigErrors errors)
    {
        var plain = route with { AuthorizationPolicy = null, Metadata = UsersOwn(route.Metadata) };
        var name = route.AuthorizationPolicy;
        if (string.IsNullOrEmpty(name)) return Carrying(plain, AccessRule.DefaultName, AccessRule.DefaultJson);
        if (_texts.TryGetValue(name, out var text)) return Carrying(plain, name, text, _mutators.GetValueOrDefault(name));
        errors.Add(
            $"{RouteTable.Section}:Routes:{route.RouteId}:AuthorizationPolicy",
            $"names no access rule{Suggestion.For(name, _texts.Keys)}");
        return plain;
    }

    /// <summary>The metadata without what only the gateway writes.</summary>
    private static Dictionary<string, string>? UsersOwn(IReadOnlyDictionary<string, string>? metadata) => metadata?
        .Where(pair => !pair.Key.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase))
        .ToDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>A built-in route, whose metadata is the gateway's own.</summary>
    public RouteConfig Anonymous(RouteConfig route) => Carrying(route, AnonymousName, AnonymousText);

    /// <summary>Names that are the gateway's own travel on every route: a client's are removed on all of them.</summary>
    private RouteConfig Carrying(RouteConfig route, string name, string text, MutatorText? mutators = null)
    {
        var metadata = new Dictionary<string, string>(route.Metadata ?? NoMetadata, StringComparer.OrdinalIgnoreCase)
        {
            [NameKey] = name,
            [TextKey] = text,
        };
        if (_ownHeaders.Count > 0)
            metadata[RouteMutators.HeadersKey] = RouteMutators.Joined(_ownHeaders);
        if (_ownCookies.Count > 0)
            metadata[RouteMutators.CookiesKey] = RouteMutators.Joined(_ownCookies);
        if (mutators is not null)
        {
            metadata[RouteMutators.TextKey] = mutators.Text;
            if (mutators.NeedsSession)
                metadata[RouteMutators.NeedsSessionKey] = "true";
            if (mutators.IssuerId is not null)
                metadata[RouteMutators.IssuerKey] = mutators.IssuerId;
        }
        return route with { Metadata = metadata };
    }

    private sealed record MutatorText(string Text, bool NeedsSession, string? IssuerId);
}
