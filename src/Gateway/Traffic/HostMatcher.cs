using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Routing.Matching;

namespace Gateway.Traffic;

/// <summary>
/// Routing by host, in the place of ASP.NET Core's <see cref="HostMatcherPolicy"/>, over the same metadata and with the same order: a route's
/// Order, its path, its methods, then its host. The framework's takes the first branch whose host fits and looks into no other, and puts an
/// endpoint of a longer wildcard into the branch of a shorter one (facts: docs/configuration.md). Here a branch is a set of requests that no
/// pattern of the node tells apart, and holds every endpoint that takes them, so nothing is lost and nothing is added.
/// </summary>
internal sealed class HostMatcher : MatcherPolicy, IEndpointComparerPolicy, INodeBuilderPolicy
{
    private readonly ConditionalWeakTable<IHostMetadata, Compiled> _compiled = [];

    /// <summary>The framework's own: behind the methods, before headers and query.</summary>
    public override int Order => -100;

    /// <summary>Within a branch: which endpoint's host says more of it. Before branches are made, hosts say nothing.</summary>
    public IComparer<Endpoint> Comparer { get; } = Comparer<Endpoint>.Create(static (x, y) => SpecificityOf(y).CompareTo(SpecificityOf(x)));

    /// <summary>Takes the framework's policy out and this one in.</summary>
    public static void Replace(IServiceCollection services)
    {
        foreach (var policy in services.Where(d => d.ImplementationType == typeof(HostMatcherPolicy)).ToArray()) services.Remove(policy);
        services.AddSingleton<MatcherPolicy, HostMatcher>();
    }

    /// <summary>A start must not go on with the framework's policy, wherever it came from.</summary>
    /// <exception cref="InvalidOperationException">It is there, or this one is not.</exception>
    public static void Verify(IServiceProvider services)
    {
        var policies = services.GetServices<MatcherPolicy>().ToList();
        if (policies.OfType<HostMatcher>().Count() != 1 || policies.Exists(p => p is HostMatcherPolicy || p.GetType().Name is nameof(HostMatcherPolicy)))
            throw new InvalidOperationException("Routing by host is not the gateway's own: ASP.NET Core's HostMatcherPolicy sends requests to other hosts' routes.");
    }

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
            if (HostsOf(endpoint) is not null) return true;
        return false;
    }

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints)
    {
        var entries = endpoints
            .SelectMany((endpoint, place) => (HostsOf(endpoint)?.Patterns ?? [HostPattern.Any]).Select(pattern => new Entry(place, pattern)))
            .ToLookup(entry => entry.Pattern.Name, StringComparer.OrdinalIgnoreCase);
        var matched = new Dictionary<(Endpoint, int), Endpoint>();
        var edges = new List<PolicyNodeEdge>();
        foreach (var name in entries.Select(named => named.Key).Append(HostPattern.Any.Name).Distinct())
        {
            var covering = CoveringNames(name).SelectMany(covers => entries[covers]).ToList();
            foreach (var port in covering.Select(entry => entry.Pattern.Port).Append(0).Distinct())
            {
                var taking = covering
                    .Where(entry => entry.Pattern.Port == 0 || entry.Pattern.Port == port)
                    .GroupBy(entry => entry.Place, entry => entry.Pattern.Specificity)
                    .OrderBy(entry => entry.Key)
                    .Select(entry => Matched(endpoints[entry.Key], entry.Max(), matched))
                    .ToList();
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

    private static int SpecificityOf(Endpoint endpoint) => endpoint.Metadata.GetMetadata<MatchedHost>()?.Specificity ?? HostPattern.Any.Specificity;

    private RouteHosts? HostsOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHostMetadata>() is { } metadata ? _compiled.GetValue(metadata, static m => new(RouteHosts.Of(m.Hosts))).Hosts : null;

    /// <summary>A pattern's name and those of the wildcards that cover all it covers: <c>a.b</c>, <c>.b</c> and the empty one that is any.</summary>
    private static IEnumerable<string> CoveringNames(string name)
    {
        for (var end = name; end.Length > 0; end = end[1..].IndexOf('.') is >= 0 and var dot ? end[(dot + 1)..] : "") yield return end;
        yield return HostPattern.Any.Name;
    }

    /// <summary>The endpoint, carrying which of its hosts is meant.</summary>
    private static Endpoint Matched(Endpoint endpoint, int best, Dictionary<(Endpoint, int), Endpoint> matched)
    {
        if (best <= HostPattern.Any.Specificity) return endpoint;
        if (matched.TryGetValue((endpoint, best), out var known)) return known;
        var metadata = new EndpointMetadataCollection([.. endpoint.Metadata, new MatchedHost(best)]);
        Endpoint copy = endpoint is RouteEndpoint { RequestDelegate: { } answer } route
            ? new RouteEndpoint(answer, route.RoutePattern, route.Order, metadata, route.DisplayName)
            : new Endpoint(endpoint.RequestDelegate, metadata, endpoint.DisplayName);
        return matched[(endpoint, best)] = copy;
    }

    /// <summary>One of the hosts of the endpoint at this place.</summary>
    private readonly record struct Entry(int Place, HostPattern Pattern);

    /// <summary>What is compiled of an endpoint's metadata, also that there is nothing to compare.</summary>
    private sealed record Compiled(RouteHosts? Hosts);

    /// <summary>In a branch's copy of an endpoint that has hosts: the best of those that are meant there.</summary>
    private sealed record MatchedHost(int Specificity);

    /// <summary>The requests that no pattern of a node tells apart: the most specific name among the patterns, and a port that one of them names.</summary>
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

    /// <summary>One look-up for the name, then one for each of its ends behind a dot, the longest first; nothing is allocated.</summary>
    private sealed class HostDestinations(int exit, FrozenDictionary<string, PortDestinations> names) : PolicyJumpTable
    {
        private readonly FrozenDictionary<string, PortDestinations>.AlternateLookup<ReadOnlySpan<char>> _names = names.GetAlternateLookup<ReadOnlySpan<char>>();

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
