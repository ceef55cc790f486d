using System.Diagnostics.CodeAnalysis;
using Gateway.Forwarding;
using Gateway.Targets;
using Microsoft.AspNetCore.Routing.Patterns;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gateway.Routes;

/// <summary>
/// YARP's own reader and validators, in a container that lives for one load, so that a bad configuration never reaches the
/// running proxy. What its validators do not look at is built here, piece by piece, so that the mistake has a place.
/// </summary>
internal sealed class YarpReader : IDisposable
{
    /// <summary>
    /// A timer of .NET takes 2^32 - 2 ms; one that YARP sets longer throws in the running proxy, half way through a load.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly ServiceProvider _yarp;

    public YarpReader(IConfigurationSection section) =>
        _yarp = new ServiceCollection().AddLogging().AddRouting().AddSingleton<PathConstraints>()
            .AddReverseProxy().LoadFromConfig(section).Services.BuildServiceProvider();

    public bool TryRead(out IReadOnlyList<RouteConfig> routes, out IReadOnlyList<ClusterConfig> clusters, out string problem)
    {
        try
        {
            var config = _yarp.GetServices<IProxyConfigProvider>().Single().GetConfig();
            (routes, clusters, problem) = (config.Routes, config.Clusters, "");
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            (routes, clusters, problem) = ([], [], e.Message);
            return false;
        }
    }

    /// <summary>Every problem YARP finds, with the key it belongs to.</summary>
    public IEnumerable<(string Key, string Message)> Validate(RouteTable table)
    {
        var clusters = table.Clusters
            .DistinctBy(cluster => cluster.ClusterId, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(cluster => cluster.ClusterId, StringComparer.OrdinalIgnoreCase);
        return table.Routes.SelectMany(route => Validate(route, clusters)).Concat(table.Clusters.SelectMany(Validate));
    }

    private IEnumerable<(string Key, string Message)> Validate(RouteConfig route, Dictionary<string, ClusterConfig> clusters)
    {
        var key = $"{RouteTable.Section}:Routes:{route.RouteId}";
        var problems = _yarp.GetRequiredService<IConfigValidator>().ValidateRouteAsync(route).AsTask().GetAwaiter().GetResult();
        foreach (var problem in problems)
            yield return (key, problem.Message);
        if (route.ClusterId is not null && !clusters.ContainsKey(route.ClusterId))
            yield return ($"{key}:ClusterId", "names no cluster");
        if (problems.Count > 0)
            yield break;

        var constraints = _yarp.GetRequiredService<PathConstraints>();
        foreach (var problem in constraints.Problems(RouteOverlaps.Pattern(route)))
            yield return ($"{key}:Match:Path", problem);
        for (var i = 0; i < (route.Match.Hosts?.Count ?? 0); i++)
            if (HostPattern.Problem(route.Match.Hosts![i]) is { } problem)
                yield return ($"{key}:Match:Hosts:{i}", problem);
        var cluster = route.ClusterId is null ? null : clusters.GetValueOrDefault(route.ClusterId);
        if (ProblemOf(() => BuildTransforms(route, cluster)) is { } bad)
        {
            yield return ($"{key}:Transforms", $"cannot be built: {bad}");
            yield break;
        }
        // YARP binds these to the request's values when one comes.
        foreach (var pattern in (route.Transforms ?? []).Where(t => t.ContainsKey("PathPattern")).Select(t => t["PathPattern"]))
            foreach (var problem in constraints.Problems(RoutePatternFactory.Parse(pattern)))
                yield return ($"{key}:Transforms", problem);
    }

    private IEnumerable<(string Key, string Message)> Validate(ClusterConfig cluster)
    {
        var key = $"{RouteTable.Section}:Clusters:{cluster.ClusterId}";
        var validator = _yarp.GetRequiredService<IConfigValidator>();
        var problems = validator.ValidateClusterAsync(cluster).AsTask().GetAwaiter().GetResult();
        foreach (var problem in problems)
            yield return (key, problem.Message);
        foreach (var (name, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var address)
                || address.Scheme is not ("http" or "https"))
                yield return ($"{key}:Destinations:{name}:Address", "is not an absolute http(s) URL");
        foreach (var (name, duration) in Durations(cluster))
            if (duration > Longest)
                yield return ($"{key}:{name}", $"is longer than {Longest.Days} days");
        if (ProblemOf(() => BuildClient(cluster)) is { } bad)
            yield return ($"{key}:HttpClient", $"cannot be built: {bad}");
    }

    private static IEnumerable<(string Key, TimeSpan? Value)> Durations(ClusterConfig cluster) =>
    [
        ("HealthCheck:Active:Interval", cluster.HealthCheck?.Active?.Interval),
        ("HealthCheck:Active:Timeout", cluster.HealthCheck?.Active?.Timeout),
        ("HealthCheck:Passive:ReactivationPeriod", cluster.HealthCheck?.Passive?.ReactivationPeriod),
        ("HttpRequest:ActivityTimeout", cluster.HttpRequest?.ActivityTimeout),
    ];

    private void BuildTransforms(RouteConfig route, ClusterConfig? cluster) => _yarp.GetRequiredService<ITransformBuilder>()
        .Build(route with { Transforms = RouteForwarding.Of(route, keepCredentialsByDefault: false).OtherTransforms }, cluster);

    private void BuildClient(ClusterConfig cluster) => _yarp.GetRequiredService<IForwarderHttpClientFactory>().CreateClient(new()
    {
        ClusterId = cluster.ClusterId,
        NewConfig = cluster.HttpClient ?? HttpClientConfig.Empty,
        NewMetadata = cluster.Metadata,
    }).Dispose();

    [SuppressMessage("Design", "CA1031", Justification = "What is thrown here would be thrown in the running proxy.")]
    private static string? ProblemOf(Action build)
    {
        try
        {
            build();
            return null;
        }
        catch (Exception e)
        {
            return e.GetBaseException().Message;
        }
    }

    public void Dispose() => _yarp.Dispose();
}
