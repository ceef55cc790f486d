using Yarp.ReverseProxy.Configuration;

namespace Gateway.Routes;

/// <summary>YARP's own reader and validators, in a container that lives for one load, so that a bad configuration never reaches the running proxy.</summary>
internal sealed class YarpReader : IDisposable
{
    private readonly ServiceProvider _yarp;

    public YarpReader(IConfigurationSection section) =>
        _yarp = new ServiceCollection().AddLogging().AddReverseProxy().LoadFromConfig(section).Services.BuildServiceProvider();

    /// <summary>Whether the package that YARP's HashCookie affinity needs is there (it is not with YARP 2.1.0 as built here).</summary>
    public static bool HasHashCookie { get; } = Type.GetType("System.IO.Hashing.XxHash64, System.IO.Hashing") is not null;

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
        var validator = _yarp.GetRequiredService<IConfigValidator>();
        var clusters = table.Clusters.Select(c => c.ClusterId).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var route in table.Routes)
        {
            foreach (var e in validator.ValidateRouteAsync(route).AsTask().GetAwaiter().GetResult())
                yield return ($"{RouteTable.Section}:Routes:{route.RouteId}", e.Message);
            if (route.ClusterId is not null && !clusters.Contains(route.ClusterId))
                yield return ($"{RouteTable.Section}:Routes:{route.RouteId}:ClusterId", "names no cluster");
        }
        foreach (var cluster in table.Clusters)
        {
            foreach (var e in validator.ValidateClusterAsync(cluster).AsTask().GetAwaiter().GetResult())
                yield return ($"{RouteTable.Section}:Clusters:{cluster.ClusterId}", e.Message);
            foreach (var (name, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
                if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                    yield return ($"{RouteTable.Section}:Clusters:{cluster.ClusterId}:Destinations:{name}:Address", "is not an absolute http(s) URL");
        }
    }

    public void Dispose() => _yarp.Dispose();
}
