using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Routing.Matching;

namespace Gateway.Traffic;

/// <summary>
/// Routing by host, in the place of ASP.NET Core's <see cref="HostMatcherPolicy"/>, over the same metadata and with the same
/// order: a route's Order, its path, its methods, then its host. The framework's takes the first branch whose host fits and
/// looks into no other, and puts an endpoint of a longer wildcard into the branch of a shorter one (docs/configuration.md).
/// Here a branch is a set of requests that no pattern of the node tells apart, and holds every endpoint that takes them: none
/// is lost and none is added.
/// </summary>
internal sealed class HostMatcher : MatcherPolicy, IEndpointComparerPolicy, INodeBuilderPolicy
{
    private readonly ConditionalWeakTable<IHostMetadata, Compiled> _compiled = [];

    /// <summary>The framework's own: behind the methods, before headers and query.</summary>
    public override int Order => -100;

    /// <summary>Within a branch: which endpoint's host says more of it. Before branches are made, hosts say nothing.</summary>
    public IComparer<Endpoint> Comparer { get; } =
        Comparer<Endpoint>.Create(static (x, y) => SpecificityOf(y).CompareTo(SpecificityOf(x)));

    /// <summary>Takes the framework's policy out and this one in.</summary>
    /// <exception cref="InvalidOperationException">It is not there: this framework routes by host in another way.</exception>
    public static void Replace(IServiceCollection services)
    {
        var frameworks = services.Where(d => d.ImplementationType?.Name is nameof(HostMatcherPolicy)).ToList();
        if (frameworks.Count == 0)
            throw new InvalidOperationException("ASP.NET Core's HostMatcherPolicy is not registered, so it cannot be replaced.");
        foreach (var policy in frameworks) services.Remove(policy);
        services.AddSingleton<MatcherPolicy, HostMatcher>();
    }

    /// <summary>A start must not go on with the framework's policy, wherever it came from.</summary>
    /// <exception cref="InvalidOperationException">It is there, or this one is not.</exception>
    public static void Verify(IServiceProvider services)
    {
        var policies = services.GetServices<MatcherPolicy>().ToList();
        var hasFrameworks = policies.Exists(p => p.GetType().Name is nameof(HostMatcherPolicy));
        if (hasFrameworks || policies.OfType<HostMatcher>().Count() != 1)
            throw new InvalidOperationException(
                "Routing by host is not the gateway's own: ASP.NET Core's HostMatcherPolicy takes other hosts' routes.");
    }

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
            if (HostsOf(endpoint) is not null) return true;
        return false;
    }

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints)
    {
        var patterns = endpoints.SelectMany(e => HostsOf(e)?.Patterns ?? []).Distinct().ToList();
        var matched = new Dictionary<(Endpoint, int), Endpoint>();
        var edges = new List<PolicyNodeEdge>();
        foreach (var name in patterns.Select(p => p.Name).Append(HostPattern.Any.Name).Distinct())
        {
            // No name begins with a question mark: it stands for every name under the wildcard that is under no longer one.
            var example = name is "" or ['.', ..] ? "?" + name : name;
            var covering = patterns.Where(p => p.CoversName(example));
            foreach (var port in covering.Select(p => p.Port).Append(0).Distinct())
            {
                var taking = endpoints.Select(e => Match(e, example, port, matched)).OfType<Endpoint>().ToList();
                if (taking.Count > 0) edges.Add(new(new HostBranch(name, port), taking));
            }
        }
        return edges;
    }

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges)
    {
        var ports = edges.Select(e => (Branch: (HostBranch)e.State, e.Destination))
            .GroupBy(e => e.Branch.Name)
            .ToFrozenDictionary(
                name => name.Key,
                name => new PortDestinations(
                    [.. name.Where(e => e.Branch.Port > 0).Select(e => (e.Branch.Port, e.Destination))],
                    name.Where(e => e.Branch.Port == 0).Select(e => e.Destination).DefaultIfEmpty(exitDestination).First()),
                StringComparer.OrdinalIgnoreCase);
        return new HostDestinations(exitDestination, ports);
    }

    private static int SpecificityOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<MatchedHost>()?.Specificity ?? HostPattern.Any.Specificity;

    private RouteHosts? HostsOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHostMetadata>() is { } metadata
            ? _compiled.GetValue(metadata, static m => new(RouteHosts.Of(m.Hosts))).Hosts
            : null;

    /// <summary>
    /// The endpoint, carrying which of its hosts is meant; null: none. Port 0 is every port that no pattern names.
    /// </summary>
    private Endpoint? Match(Endpoint endpoint, string name, int port, Dictionary<(Endpoint, int), Endpoint> matched)
    {
        if (HostsOf(endpoint) is not { } hosts) return endpoint;
        var best = hosts.Patterns.Where(p => p.Covers(name, port)).Select(p => p.Specificity).DefaultIfEmpty(-1).Max();
        if (best <= HostPattern.Any.Specificity) return best < 0 ? null : endpoint;
        if (matched.TryGetValue((endpoint, best), out var known)) return known;
        var metadata = new EndpointMetadataCollection([.. endpoint.Metadata, new MatchedHost(best)]);
        Endpoint copy = endpoint is RouteEndpoint { RequestDelegate: { } answer } route
            ? new RouteEndpoint(answer, route.RoutePattern, route.Order, metadata, route.DisplayName)
            : new Endpoint(endpoint.RequestDelegate, metadata, endpoint.DisplayName);
        return matched[(endpoint, best)] = copy;
    }

    /// <summary>What is compiled of an endpoint's metadata, also that there is nothing to compare.</summary>
    private sealed record Compiled(RouteHosts? Hosts);

    /// <summary>In a branch's copy of an endpoint that has hosts: the best of those that are meant there.</summary>
    private sealed record MatchedHost(int Specificity);

    /// <summary>
    /// Requests that no pattern of a node tells apart: the most specific name that fits, and a port that a pattern names.
    /// </summary>
    private readonly record struct HostBranch(string Name, int Port);

    /// <param name="Named">Ports that patterns name.</param>
    /// <param name="Other">For every other port.</param>
    private sealed record PortDestinations((int Port, int Destination)[] Named, int Other)
    {
        public int Of(int port)
        {
            foreach (var (named, destination) in Named)
                if (named == port) return destination;
            return Other;
        }
    }

    /// <summary>
    /// One look-up for the name, then one for each of its ends from a dot on, the longest first; nothing is allocated.
    /// </summary>
    private sealed class HostDestinations(int exit, FrozenDictionary<string, PortDestinations> names) : PolicyJumpTable
    {
        private readonly FrozenDictionary<string, PortDestinations>.AlternateLookup<ReadOnlySpan<char>> _names =
            names.GetAlternateLookup<ReadOnlySpan<char>>();

        private readonly PortDestinations? _any = names.GetValueOrDefault(HostPattern.Any.Name);

        public override int GetDestination(HttpContext httpContext)
        {
            var host = new RequestHost(httpContext.Request, stackalloc char[RequestHost.MaxAddress]);
            return (Find(host.Name) ?? _any)?.Of(host.Port) ?? exit;
        }

        private PortDestinations? Find(ReadOnlySpan<char> name)
        {
            if (name.IsEmpty) return null;
            if (_names.TryGetValue(name, out var found)) return found;
            for (var end = name; end.Length > 1 && end[1..].IndexOf('.') is >= 0 and var dot;)
            {
                end = end[(dot + 1)..];
                if (_names.TryGetValue(end, out found)) return found;
            }
            return null;
        }
    }
}
