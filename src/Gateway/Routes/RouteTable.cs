using Gateway.Configuration;
using Gateway.Forwarding.Signing;
using Gateway.RateLimits;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>What routes, rules and policies need of the rest of the configuration.</summary>
/// <param name="SessionCookie">The name of Kratos' session cookie.</param>
/// <param name="IdentityHeaders">The headers that every service gets.</param>
internal sealed record RouteSettings(
    string SessionCookie, RateLimitOptions RateLimits, TokenSettings Tokens, IReadOnlyCollection<string> IdentityHeaders);

/// <summary>Routes, clusters, rules and policies of one load, checked together and then given to YARP as one.</summary>
internal sealed record RouteTable(IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters)
{
    /// <summary>What signs the identity tokens of this load's routes; null: there are none.</summary>
    public TokenIssuer? Tokens { get; init; }

    public const string Section = "ReverseProxy";

    /// <summary>Reads and checks everything; mistakes go to <paramref name="errors"/>, and then there is no table.</summary>
    public static RouteTable? Read(
        IConfigurationRoot configuration,
        IReadOnlyList<BuiltInRoute> builtIn,
        RouteSettings settings,
        ConfigErrors errors)
    {
        var rules = RuleTexts.Read(configuration.GetSection(RuleTexts.Section), settings, errors);
        var cors = CorsPolicies.Read(configuration, errors);
        var timeouts = TimeoutPolicies.Read(configuration, errors);
        var limits = new LimitTexts(settings.RateLimits, errors);
        var section = Duration.Spelled(configuration.GetSection(Section), TimeoutPolicies.IsOwnTime);
        var before = errors.All.Count;
        SectionChecker.Check(section, typeof(ReverseProxyShape), errors);

        using var yarp = new YarpReader(section);
        if (!yarp.TryRead(out var routes, out var clusters, out var problem))
        {
            if (errors.All.Count == before)
                errors.Add(Section, problem); // otherwise it is one of those named above
            return null;
        }

        var checks = new RouteChecks(builtIn, errors);
        foreach (var route in routes)
            checks.Check(route);
        foreach (var cluster in clusters)
            checks.Check(cluster);
        var own = builtIn.Where(b => b.Route is not null).ToArray();
        var matched = MatchedHeaders.Read(routes, errors);
        var table = new RouteTable(
            [
                .. routes.Select(route => matched.AddTo(WithPolicies(route))),
                .. own.Select(b => matched.AddTo(limits.AddTo(rules.Anonymous(b.Route!)))),
            ],
            [.. clusters.Concat(own.Select(b => b.Cluster!)).Select(WithDefaults)]);
        foreach (var (key, message) in yarp.Validate(table))
            errors.Add(key, message);
        if (errors.Any) return null;

        table = table with { Routes = HeadRoutes.Imply(table.Routes), Tokens = settings.Tokens.Issuer };
        foreach (var overlap in RouteOverlaps.Find(table.Routes))
            Add(overlap, errors);
        return errors.Any ? null : table;

        RouteConfig WithPolicies(RouteConfig route) =>
            limits.AddTo(timeouts.AddTo(cors.AddTo(rules.AddTo(route, errors), errors), errors));
    }

    public static void Add(RouteOverlap overlap, ConfigErrors errors) => errors.Add(
        $"{Section}:Routes:{overlap.Route}",
        $"takes the same requests as {overlap.Other}, and neither comes first: give one a lower Order, or other paths, "
            + "hosts or methods");

    /// <summary>The same table for a proxy that is only tried: building it must not send anything.</summary>
    public RouteTable WithoutHealthChecks() =>
        this with { Clusters = [.. Clusters.Select(cluster => cluster with { HealthCheck = null })] };

    /// <summary>
    /// Header values travel as UTF-8: a client's or an identity's name may hold any letter, and HttpClient would otherwise
    /// refuse the request.
    /// </summary>
    private static ClusterConfig WithDefaults(ClusterConfig cluster)
    {
        var client = cluster.HttpClient ?? HttpClientConfig.Empty;
        return cluster with
        {
            HttpClient = client with
            {
                RequestHeaderEncoding = client.RequestHeaderEncoding ?? "utf-8",
                ResponseHeaderEncoding = client.ResponseHeaderEncoding ?? "latin1",
            },
        };
    }

    /// <summary>What may stand in the section, for <see cref="SectionChecker"/>.</summary>
    private sealed record ReverseProxyShape(
        IReadOnlyDictionary<string, RouteConfig> Routes, IReadOnlyDictionary<string, ClusterConfig> Clusters);
}
