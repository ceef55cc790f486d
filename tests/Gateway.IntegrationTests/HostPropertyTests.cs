using System.Globalization;
using Gateway.IntegrationTests.Harness;
using Gateway.Routes;
using Gateway.Targets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.IntegrationTests;

/// <summary>
/// Routing by host against the plainest matcher there is: every route is asked, and the best that fits is taken.
/// </summary>
public sealed class HostPropertyTests
{
    private static readonly string[] Names =
    [
        "a.test", "b.test", "x.a.test", "y.x.a.test", "x.b.test", "test", "ba.test", "xn--bcher-kva.test", "[::1]", "127.0.0.1",
        "A.Test", "x.A.TEST", "z.y.x.a.test",
    ];

    private static readonly string[] Patterns =
    [
        "a.test", "b.test", "x.a.test", "*.a.test", "*.test", "*.x.a.test", "*.y.x.a.test", "bücher.test", "*.b.test", "[::1]",
        "*", "127.0.0.1", "X.a.TEST",
    ];

    private static readonly string[] Ports = ["", "", "", ":80", ":5000", ":6000"];

    private static readonly string[] Paths =
        ["/{**rest}", "/a/{**rest}", "/a/{x}", "/a/b", "/{x}/b", "/a/{x:int}", "/a/b/{**rest}"];

    private static readonly string[] Targets = ["/", "/a", "/a/b", "/a/7", "/c/b", "/a/b/c", "/c"];

    private static readonly string[] Methods = ["GET", "POST", "PUT"];

    /// <summary>A failure prints it; <c>HOST_SEED</c> runs it again.</summary>
    private static int Seed =>
        Environment.GetEnvironmentVariable("HOST_SEED") is { } seed
            ? int.Parse(seed, CultureInfo.InvariantCulture)
            : Random.Shared.Next();

    [Fact]
    public async Task Whatever_the_routes_the_request_meets_the_one_that_a_plain_matcher_finds()
    {
        var seed = Seed;
        var random = new Random(seed);
        var (compared, found, tied) = (0, 0, 0);
        while (compared < 10_000)
        {
            var routes = Routes(random);
            await using var app = Build(routes);
            var route = ((IApplicationBuilder)app).Build();
            for (var i = 0; i < 25; i++)
            {
                var request = Request.Any(random);
                var fitting = routes.Where(r => r.Takes(request)).OrderBy(r => r.Rank(request), StringComparer.Ordinal).ToList();
                if (fitting.Count > 1 && fitting[0].Rank(request) == fitting[1].Rank(request))
                {
                    tied++; // refused at load
                    continue;
                }
                var expected = fitting.Count == 0 ? "none" : fitting[0].Id;
                var met = await MeetAsync(app, route, request);
                Assert.True(expected == met, Told(seed, request, expected, met, routes));
                compared++;
                if (fitting.Count > 0)
                    found++;
            }
        }
        Assert.InRange(found, 2_000, 9_900);
        Assert.InRange(tied, 0, compared / 2);
    }

    [Fact]
    public async Task The_same_holds_for_a_whole_gateway_over_its_sockets()
    {
        var seed = Seed;
        var random = new Random(seed);
        for (var round = 0; round < 4; round++)
        {
            var routes = Routes(random);
            while (RouteOverlaps.Find(routes.Select(r => r.Config)).Any())
                routes = Routes(random); // a load would refuse them
            await using var system = await TestSystem.StartAsync(yaml: Yaml(routes));
            for (var i = 0; i < 60; i++)
            {
                var request = Request.Any(random);
                var fitting = routes.Where(r => r.Takes(request)).OrderBy(r => r.Rank(request), StringComparer.Ordinal).ToList();
                if (fitting.Count > 1 && fitting[0].Rank(request) == fitting[1].Rank(request)) continue;
                var line = $"{request.Method} {request.Path} HTTP/1.1\r\nHost: {request.Host}\r\nConnection: close\r\n";
                var header = request.Header ? "X-A: b\r\n" : "";
                var answer = await RawHttp.SendAsync(system.Url, $"{line}{header}Content-Length: 0\r\n\r\n");
                // Behind every route, the gateway's own for "/".
                var builtIn = request.Path is "/" && request.Method is "GET" ? "302" : "404";
                var expected = fitting.Count == 0 ? builtIn : fitting[0].Id;
                var outcome = HostSystem.Outcome(system, answer.Status);
                Assert.True(expected == outcome, Told(seed, request, expected, outcome, routes));
            }
        }
    }

    private static string Told(int seed, Request request, string expected, string met, Route[] routes) =>
        $"seed {seed}: {request}: expected {expected}, met {met} of\n{string.Join('\n', routes.Select(r => r.Yaml))}";

    private static Route[] Routes(Random random) =>
        [.. Enumerable.Range(0, random.Next(2, 9)).Select(i => Route.Any(random, $"r{i}"))];

    private static WebApplication Build(Route[] routes)
    {
        // Hundreds of them: none may watch a file, of which the system allows a user 128.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        builder.Services.AddReverseProxy().LoadFromMemory([.. routes.Select(r => r.Config)], []);
        HostMatcher.Replace(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        app.MapReverseProxy();
        return app;
    }

    private static async Task<string> MeetAsync(WebApplication app, RequestDelegate route, Request request)
    {
        var context = new DefaultHttpContext { RequestServices = app.Services };
        context.Request.Method = request.Method;
        context.Request.Path = request.Path;
        context.Request.Scheme = "http";
        context.Request.Headers.Host = request.Host;
        if (request.Header)
            context.Request.Headers["X-A"] = "b";
        try
        {
            await route(context);
        }
        catch (InvalidOperationException) when (context.GetEndpoint() is not null)
        {
            // Nobody runs the endpoint: what was matched is all that counts.
        }
        return context.GetEndpoint() is RouteEndpoint endpoint ? endpoint.DisplayName! : "none";
    }

    private static string Yaml(Route[] routes) => $$"""
        ReverseProxy:
          Routes:
        {{string.Concat(routes.Select(r => $"    {r.Id}: {r.Yaml}\n"))}}
          Clusters:
        {{string.Concat(routes.Select(r => $"    {r.Id}: {r.Cluster}\n"))}}
        """;

    private sealed record Request(string Host, string Path, string Method, bool Header)
    {
        public string Name =>
            Host.StartsWith('[')
                ? Host[..(Host.IndexOf(']', StringComparison.Ordinal) + 1)]
                : Host.Split(':')[0].ToUpperInvariant();

        public string Port => Host[Name.Length..] is { Length: > 0 } port ? port : ":80";

        public static Request Any(Random random) =>
            new(One(random, Names) + One(random, Ports), One(random, Targets), One(random, Methods), random.Next(3) == 0);
    }

    private sealed record Route(string Id, string[] Hosts, string Path, string[] AllowedMethods, int Order, bool Header)
    {
        public RouteConfig Config => new()
        {
            RouteId = Id,
            Order = Order,
            Match = new()
            {
                Path = Path,
                Hosts = Hosts.Length == 0 ? null : Hosts,
                Methods = AllowedMethods.Length == 0 ? null : AllowedMethods,
                Headers = Header ? [new() { Name = "X-A", Values = ["b"] }] : null,
            },
        };

        public string Yaml
        {
            get
            {
                var headers = Header ? ", Headers: [ { Name: X-A, Values: [ b ] } ]" : "";
                var match = $"Path: \"{Path}\"{Listed("Hosts", Hosts)}{Listed("Methods", AllowedMethods)}{headers}";
                return $$"""{ ClusterId: {{Id}}, AuthorizationPolicy: anonymous, Order: {{Order}}, Match: { {{match}} } }""";
            }
        }

        public string Cluster => $$"""{ Destinations: { a: { Address: "{service}~{{Id}}" } } }""";

        public static Route Any(Random random, string id) => new(
            id,
            [.. Enumerable.Range(0, random.Next(4)).Select(_ => One(random, Patterns) + One(random, Ports)).Distinct()],
            One(random, Paths),
            random.Next(2) == 0 ? [] : [.. Methods.Where(_ => random.Next(2) == 0)],
            random.Next(4) == 0 ? random.Next(-1, 2) : 0,
            random.Next(5) == 0);

        public bool Takes(Request request) =>
            (AllowedMethods.Length == 0 || AllowedMethods.Contains(request.Method))
            && (!Header || request.Header)
            && HostRank(request) > 0
            && Fits(Segments(Path), Segments(request.Path));

        /// <summary>Sorts as text: Order, path (literal, constrained, parameter, the rest), methods, host, header.</summary>
        public string Rank(Request request)
        {
            var path = string.Concat(Segments(Path).Select(Digit)).PadRight(9);
            var methods = AllowedMethods.Length > 0 ? 0 : 1;
            var header = Header ? 0 : 1;
            return $"{Order + 5} {path} {methods} {1000 - HostRank(request):D4} {header}";
        }

        private static string[] Segments(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

        private static char Digit(string segment)
        {
            if (segment.StartsWith("{*", StringComparison.Ordinal)) return '5';
            if (segment.Contains(':', StringComparison.Ordinal)) return '2';
            return segment.StartsWith('{') ? '3' : '1';
        }

        private static bool Fits(string[] pattern, string[] path)
        {
            for (var i = 0; i < pattern.Length; i++)
            {
                if (pattern[i].StartsWith("{*", StringComparison.Ordinal)) return true;
                if (i >= path.Length) return false;
                var fits = pattern[i] switch
                {
                    "{x}" => true,
                    "{x:int}" => path[i].All(char.IsAsciiDigit),
                    var literal => literal == path[i],
                };
                if (!fits) return false;
            }
            return pattern.Length == path.Length;
        }

        /// <summary>The best of the hosts that fit; 0: none does.</summary>
        private int HostRank(Request request) => Hosts.Length == 0 ? 1 : Hosts.Max(host => HostRank(host, request));

        private static int HostRank(string host, Request request)
        {
            var colon = host.LastIndexOf(':');
            var port = colon > 0 && !host.EndsWith(']') ? host[colon..] : "";
            var name = host[..^port.Length].ToUpperInvariant().Replace("BÜCHER", "XN--BCHER-KVA", StringComparison.Ordinal);
            if (port.Length > 0 && port != request.Port) return 0;
            var withPort = port.Length > 0 ? 1 : 0;
            if (name == "*") return 1 + withPort;
            if (name.StartsWith('*') && !request.Name.EndsWith(name[1..], StringComparison.Ordinal)) return 0;
            if (name.StartsWith('*')) return 10 * name.Split('.').Length + withPort;
            return name == request.Name ? 500 + withPort : 0;
        }

        private static string Listed(string name, string[] values) =>
            values.Length == 0 ? "" : $", {name}: [ {string.Join(", ", values.Select(v => $"\"{v}\""))} ]";
    }

    private static string One(Random random, string[] among) => among[random.Next(among.Length)];
}
