using CsCheck;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>The promise of <see cref="TargetTests"/> for targets and routes nobody thought of.</summary>
public sealed class TargetPropertyTests
{
    private static readonly string[] Pieces =
    [
        "/", "/", "/", "//", ".", "..", "/../", "/./", ";", ";a=b", "%2e", "%2E%2e", "%2f", "%2F", "%5c", "\\", "%", "%25",
        "%252e", "%00", "%0a", "%3b", "%3f", "%23",
        "a", "b", "admin", "%61dmin", "adm%69n", "ADMIN", "api", "files", "fil%65s", "%C3%A9", "%E9", "%c0%ae", "+", "~", "'",
        "#", "[", "?", "?a=/../", "%20", "*", "@",
    ];

    [Fact]
    public async Task Whatever_the_target_the_service_receives_what_the_route_matched_or_nothing()
    {
        string[] prefixes = ["admin", "api", "files", "a", "b", "a/b", "admin/a", "files/api"];
        var routes = Gen.Bool.Array[prefixes.Length].Select(chosen => prefixes.Where((_, i) => chosen[i]).ToArray());
        var targets = Gen.OneOf(Pieces).Array[0, 8].Select(pieces => "/" + string.Concat(pieces)).Array[150];
        await Gen.Select(routes, targets).SampleAsync(AllAreFaithfulAsync, iter: 3, threads: 1);
    }

    private static async Task AllAreFaithfulAsync(string[] routes, string[] targets)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(routes));
        foreach (var target in targets)
        {
            var answer = await RawHttp.RequestAsync(system.Url, target);
            var outcome = TargetSystem.Outcome(system, answer.Status);
            Assert.True(
                outcome is "400" or "404" || IsFaithful(target, outcome, routes),
                $"{target} with routes {string.Join(", ", routes)}: {outcome}");
        }
    }

    /// <summary>
    /// Decoded once, by the simplest decoder there is, the forwarded path leads to the route that was taken, and no dot segment
    /// is in it.
    /// </summary>
    private static bool IsFaithful(string target, string outcome, string[] routes)
    {
        var route = outcome[1..outcome.IndexOf(']', StringComparison.Ordinal)];
        var forwarded = outcome[(outcome.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        if (forwarded != target) return false;
        var segments = Uri.UnescapeDataString(target.Split('?')[0]).Split('/', '\\');
        if (segments.Any(s => s.Split(';')[0] is "." or "..") || segments.Skip(1).SkipLast(1).Contains("")) return false;
        var path = $"{string.Join('/', segments[1..])}/";
        var fitting = routes.Where(r => path.StartsWith(r + "/", StringComparison.OrdinalIgnoreCase));
        var expected = fitting.MaxBy(r => r.Length) ?? "any";
        return route == expected.Replace('/', '_');
    }

    private static string Yaml(string[] routes) => $$"""
        ReverseProxy:
          Routes:
        {{string.Concat(routes.Select(r => $$"""    {{Name(r)}}: { ClusterId: {{Name(r)}}, AuthorizationPolicy: anonymous, Match: { Path: "/{{r}}/{**rest}" } }""" + "\n"))}}
            any: { ClusterId: any, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } }
          Clusters:
        {{string.Concat(routes.Append("any").Select(r => $$"""    {{Name(r)}}: { Destinations: { a: { Address: "{service}~{{Name(r)}}" } } }""" + "\n"))}}
        """;

    private static string Name(string route) => route.Replace('/', '_');
}
