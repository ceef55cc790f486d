using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Routing.Matching;

namespace Gateway.Targets;

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
        foreach (var policy in frameworks)
            services.Remove(policy);
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
        var named = new Dictionary<string, List<(int Endpoint, HostPattern Pattern)>> { [HostPattern.Any.Name] = [] };
        for (var i = 0; i < endpoints.Count; i++)
            foreach (var pattern in HostsOf(endpoints[i])?.Patterns ?? [HostPattern.Any])
            {
                if (!named.TryGetValue(pattern.Name, out var having))
                    named[pattern.Name] = having = [];
                having.Add((i, pattern));
            }

        var copies = new Dictionary<(int, int), Endpoint>();
        var edges = new List<PolicyNodeEdge>();
        foreach (var name in named.Keys)
        {
            var covering = Ends(name).SelectMany(end => named.GetValueOrDefault(end) ?? []).ToList();
            // Port 0 is every port that no pattern names.
            foreach (var port in covering.Select(c => c.Pattern.Port).Append(0).Distinct())
            {
                var meant = covering.Where(c => c.Pattern.Port == 0 || c.Pattern.Port == port)
                    .GroupBy(c => c.Endpoint, c => c.Pattern.Specificity)
                    .Select(e => Carrying(e.Key, e.Max()))
                    .ToList();
                if (meant.Count > 0)
                    edges.Add(new(new HostBranch(name, port), meant));
            }
        }
        return edges;

        // The endpoint, carrying which of its hosts is meant; the matcher's builder sorts by that.
        Endpoint Carrying(int endpoint, int specificity)
        {
            if (specificity == HostPattern.Any.Specificity) return endpoints[endpoint];
            if (!copies.TryGetValue((endpoint, specificity), out var copy))
                copies[(endpoint, specificity)] = copy = Copy(endpoints[endpoint], new MatchedHost(specificity));
            return copy;
        }
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

    /// <summary>The names of the patterns that cover a name: itself, what is from a dot on, the longest first, and any.</summary>
    private static IEnumerable<string> Ends(string name)
    {
        yield return name;
        for (var i = 1; i < name.Length; i++)
            if (name[i] is '.')
                yield return name[i..];
        if (name.Length > 0)
            yield return HostPattern.Any.Name;
    }

    private static Endpoint Copy(Endpoint endpoint, MatchedHost matched)
    {
        var metadata = new EndpointMetadataCollection([.. endpoint.Metadata, matched]);
        return endpoint is RouteEndpoint { RequestDelegate: { } answer } route
            ? new RouteEndpoint(answer, route.RoutePattern, route.Order, metadata, route.DisplayName)
            : new Endpoint(endpoint.RequestDelegate, metadata, endpoint.DisplayName);
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
            var end = name;
            while (end.Length > 1)
            {
                var dot = end[1..].IndexOf('.');
                if (dot < 0) return null;
                end = end[(dot + 1)..];
                if (_names.TryGetValue(end, out found)) return found;
            }
            return null;
        }
    }
}
