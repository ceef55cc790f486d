namespace Gateway.Targets;

/// <summary>The hosts whose requests a route takes, compiled once.</summary>
internal sealed class RouteHosts
{
    private RouteHosts(HostPattern[] patterns) => Patterns = patterns;

    public IReadOnlyList<HostPattern> Patterns { get; }

    /// <summary>Null: the route takes requests of every host, so there is nothing to compare.</summary>
    /// <exception cref="InvalidOperationException">A host that a load would have refused.</exception>
    public static RouteHosts? Of(IReadOnlyList<string>? hosts)
    {
        if (hosts is not { Count: > 0 }) return null;
        HostPattern[] patterns = [.. hosts.Select(Parse).Distinct()];
        return patterns.Contains(HostPattern.Any) && patterns.Length == 1 ? null : new(patterns);
    }

    /// <summary>Whether the request is for one of them.</summary>
    public bool Cover(HttpRequest request)
    {
        var host = new RequestHost(request, stackalloc char[RequestHost.MaxAddress]);
        foreach (var pattern in Patterns)
            if (pattern.Covers(host.Name, host.Port)) return true;
        return false;
    }

    private static HostPattern Parse(string host) =>
        HostPattern.TryParse(host, out var pattern, out var problem)
            ? pattern
            : throw new InvalidOperationException($"The host {host} {problem}");
}
