using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Kratos;
using Gateway.KratosProxy;
using Gateway.Rules;
using Gateway.Traffic;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>
/// Routes, clusters and rules of one load, checked together and then given to YARP as one. The text of the rule that a route
/// names stands in the route's metadata, so rules and routes cannot come from two loads, and YARP sees a rule-only change.
/// </summary>
internal sealed record RouteTable(IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters)
{
    public const string Section = "ReverseProxy";
    public const string RulesSection = "AccessRules";

    /// <summary>Metadata keys under which a route carries its rule; a user's own metadata cannot set them.</summary>
    public const string RuleNameKey = "Gateway.AccessRule.Name";
    public const string RuleKey = "Gateway.AccessRule";

    /// <summary>The metadata that the gateway itself reads of a route.</summary>
    private static readonly string[] Flags =
        [RouteForwarding.ForwardSessionCookie, RouteForwarding.OriginalUri, RouteTarget.AllowEncodedSlashes, RouteTarget.AllowEmptySegments, RouteTarget.AllowPathParameters];

    private const string AnonymousRule = """{"Session":"None"}""";

    /// <summary>Reads and checks everything; mistakes go to <paramref name="errors"/>, and then there is no table.</summary>
    public static RouteTable? Read(IConfigurationRoot configuration, KratosOptions kratos, SelfServiceOptions selfService, ConfigErrors errors)
    {
        var rules = ReadRules(configuration.GetSection(RulesSection), errors);
        var section = configuration.GetSection(Section);
        var before = errors.All.Count;
        SectionChecker.Check(section, typeof(ReverseProxyShape), errors);

        using var yarp = new YarpReader(section);
        if (!yarp.TryRead(out var routes, out var clusters, out var problem))
        {
            if (errors.All.Count == before) errors.Add(Section, problem); // otherwise it is one of those named above
            return null;
        }

        var table = new RouteTable(
            [.. routes.Select(route => WithRule(route, rules, kratos, selfService, errors)), .. BuiltInRoutes(kratos, selfService)],
            [.. clusters.Select(cluster => WithDefaults(cluster, errors)), .. BuiltInClusters(kratos, selfService)]);
        foreach (var (key, message) in yarp.Validate(table)) errors.Add(key, message);
        if (errors.Any) return null;
        table = table with { Routes = HeadRoutes.Imply(table.Routes) };
        foreach (var overlap in RouteOverlaps.Find(table.Routes)) Add(overlap, errors);
        return errors.Any ? null : table;
    }

    public static void Add(RouteOverlap overlap, ConfigErrors errors) => errors.Add(
        $"{Section}:Routes:{overlap.Route}",
        $"takes the same requests as {overlap.Other}, and neither comes first: give one a lower Order, or other paths, hosts or methods");

    /// <summary>The same table for a proxy that is only tried: building it must not send anything.</summary>
    public RouteTable WithoutHealthChecks() => this with { Clusters = [.. Clusters.Select(cluster => cluster with { HealthCheck = null })] };

    private static Dictionary<string, string> ReadRules(IConfigurationSection section, ConfigErrors errors)
    {
        var rules = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!string.IsNullOrEmpty(section.Value)) errors.Add(section.Path, "is a single value where a section is expected");
        foreach (var child in section.GetChildren())
        {
            var json = ConfigurationJson.Of(child);
            var problems = new RuleProblems();
            AccessRule.Read(child.Key, json, problems);
            foreach (var (place, problem) in problems.All) errors.Add(child.Path + place, problem);
            rules[child.Key] = json.GetRawText();
        }
        return rules;
    }

    private static RouteConfig WithRule(RouteConfig route, Dictionary<string, string> rules, KratosOptions kratos, SelfServiceOptions selfService, ConfigErrors errors)
    {
        var key = $"{Section}:Routes:{route.RouteId}";
        if (IsBuiltIn(route.RouteId))
            errors.Add(key, "has a name that the gateway uses for its own route; choose another");
        RefuseUnsupported(route, key, errors);
        if (route.ClusterId is null)
            errors.Add(key, "names no ClusterId, so it leads nowhere");
        RefuseUnder(kratos.Path, "Kratos' public API (Kratos:Path)");
        if (selfService.Url is not null) RefuseUnder(selfService.Path, "the self-service UI (SelfService:Path)");

        foreach (var (flag, text) in route.Metadata ?? new Dictionary<string, string>())
            if (Flags.Contains(flag, StringComparer.OrdinalIgnoreCase) && !bool.TryParse(text, out _))
                errors.Add($"{key}:Metadata:{flag}", "is not true or false");

        var name = route.AuthorizationPolicy;
        var rule = AccessRule.DefaultJson;
        if (string.IsNullOrEmpty(name))
            name = AccessRule.DefaultName;
        else if (!rules.TryGetValue(name, out rule!))
            errors.Add($"{key}:AuthorizationPolicy", $"names no access rule{Suggestion.For(name, rules.Keys)}");
        return Carrying(route with { AuthorizationPolicy = null }, name, rule ?? AccessRule.DefaultJson);

        void RefuseUnder(string prefix, string what)
        {
            if (prefix.Length > 0 && route.Match.Path is { } path && PathPrefix.Covers(prefix, path.StartsWith('/') ? path : "/" + path))
                errors.Add($"{key}:Match:Path", $"lies under {prefix}, where the gateway publishes {what}");
        }
    }

    /// <summary>YARP ids ignore case.</summary>
    private static bool IsBuiltIn(string id) =>
        id.Equals(KratosRoute.Id, StringComparison.OrdinalIgnoreCase) || id.Equals(SelfServiceRoute.Id, StringComparison.OrdinalIgnoreCase);

    /// <summary>What YARP leaves to middleware that this pipeline does not have: it would be ignored, or fail every request.</summary>
    private static void RefuseUnsupported(RouteConfig route, string key, ConfigErrors errors)
    {
        Refuse(nameof(route.Timeout), route.Timeout is not null, "set the cluster's HttpRequest:ActivityTimeout");
        Refuse(nameof(route.TimeoutPolicy), route.TimeoutPolicy is not null, "set the cluster's HttpRequest:ActivityTimeout");
        Refuse(nameof(route.CorsPolicy), route.CorsPolicy is not null, "let the service answer CORS");
        Refuse(nameof(route.RateLimiterPolicy), route.RateLimiterPolicy is not null, "take it out");
        Refuse(nameof(route.OutputCachePolicy), route.OutputCachePolicy is not null, "take it out");

        void Refuse(string name, bool isSet, string cure)
        {
            if (isSet) errors.Add($"{key}:{name}", $"is not supported by the gateway: {cure}");
        }
    }

    private static RouteConfig Carrying(RouteConfig route, string ruleName, string rule) => route with
    {
        Metadata = new Dictionary<string, string>(route.Metadata ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase)
        {
            [RuleNameKey] = ruleName,
            [RuleKey] = rule,
        },
    };

    /// <summary>Header values travel as UTF-8: a client's or an identity's name may hold any letter, and HttpClient would otherwise refuse the request.</summary>
    private static ClusterConfig WithDefaults(ClusterConfig cluster, ConfigErrors errors)
    {
        if (IsBuiltIn(cluster.ClusterId))
            errors.Add($"{Section}:Clusters:{cluster.ClusterId}", "has a name that the gateway uses for its own cluster; choose another");
        var client = cluster.HttpClient ?? HttpClientConfig.Empty;
        return cluster with
        {
            HttpClient = client with { RequestHeaderEncoding = client.RequestHeaderEncoding ?? "utf-8", ResponseHeaderEncoding = client.ResponseHeaderEncoding ?? "latin1" },
        };
    }

    private static IEnumerable<RouteConfig> BuiltInRoutes(KratosOptions kratos, SelfServiceOptions selfService)
    {
        if (kratos is { Path.Length: > 0, PublicUrl: { IsAbsoluteUri: true, Scheme: "http" or "https" } }) yield return Carrying(KratosRoute.Route(kratos), "anonymous", AnonymousRule);
        if (selfService is { Url: { IsAbsoluteUri: true, Scheme: "http" or "https" } }) yield return Carrying(SelfServiceRoute.Route(selfService), "anonymous", AnonymousRule);
    }

    private static IEnumerable<ClusterConfig> BuiltInClusters(KratosOptions kratos, SelfServiceOptions selfService)
    {
        var client = new HttpClientConfig { RequestHeaderEncoding = "utf-8", ResponseHeaderEncoding = "latin1" };
        if (kratos is { Path.Length: > 0, PublicUrl: { IsAbsoluteUri: true, Scheme: "http" or "https" } }) yield return KratosRoute.Cluster(kratos) with { HttpClient = client };
        if (selfService is { Url: { IsAbsoluteUri: true, Scheme: "http" or "https" } }) yield return SelfServiceRoute.Cluster(selfService) with { HttpClient = client };
    }

    /// <summary>What may stand in the section, for <see cref="SectionChecker"/>.</summary>
    private sealed record ReverseProxyShape(IReadOnlyDictionary<string, RouteConfig> Routes, IReadOnlyDictionary<string, ClusterConfig> Clusters);
}
