namespace Gateway.IntegrationTests.Harness;

/// <summary>Two gateways, for HTTP/1.1 and for HTTP/2, with every kind of route; destinations tell which was taken.</summary>
public sealed class HostSystem() : BothProtocols(Yaml)
{
    /// <summary>One of every kind of route, and none.</summary>
    internal static readonly string[] Paths =
    [
        "/plain/x", "/transformed/x", "/kept/x", "/kept-transformed/x", "/host/x", "/method/x", "/private/x", "/nowhere", "/",
        "/kratos/health/alive", "/auth/login",
    ];

    private static readonly string[] Named =
        ["pages", "exact", "port", "wide", "deep", "any-5000", "six", "any", "fall-wide", "web-80", "idn"];

    internal static readonly string Yaml = $$"""
        ReverseProxy:
          Routes:
            plain: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/plain/{**rest}" } }
            transformed:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/transformed/{**rest}" }
              Transforms: [ { PathRemovePrefix: /transformed }, { RequestHeader: X-A, Set: b } ]
            kept:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/kept/{**rest}" }
              Transforms: [ { RequestHeaderOriginalHost: "true" } ]
            kept-transformed:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/kept-transformed/{**rest}" }
              Transforms:
                - { RequestHeaderOriginalHost: "true" }
                - { RequestHeader: X-A, Set: b }
                - { Forwarded: "for,host,proto" }
            host:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Hosts: [ "*.test", secret.test, "*:80" ], Path: "/host/{**rest}" }
            method: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/method/{**rest}", Methods: [ GET ] } }
            private: { ClusterId: echo, Match: { Path: "/private/{**rest}" } }
            rest: { ClusterId: echo, Match: { Hosts: [ "*.example.org" ], Path: "/{**rest}" } }
        {{Route("pages", "/assets", "*.pages.example.org")}}
        {{Route("exact", "/rank", "one.rank.test")}}
        {{Route("port", "/rank", "one.rank.test:5000")}}
        {{Route("wide", "/rank", "*.rank.test", "[::1]:6001")}}
        {{Route("deep", "/rank", "nowhere.test", "*.deep.rank.test")}}
        {{Route("any-5000", "/rank", "*:5000")}}
        {{Route("six", "/rank", "[::1]:6000")}}
        {{Route("any", "/rank")}}
        {{Route("fall-wide", "/fall", "*.fall.test")}}
            fall-method: { ClusterId: echo, Match: { Hosts: [ a.fall.test ], Path: "/fall/{**rest}", Methods: [ POST ] } }
            fall-header:
              ClusterId: echo
              Match: { Hosts: [ "*.b.fall.test" ], Path: "/fall/{**rest}", Headers: [ { Name: X-A, Values: [ b ] } ] }
            fall-path: { ClusterId: echo, Match: { Hosts: [ "a.fall.test" ], Path: "/fall/{id:int}" } }
        {{Route("web-80", "/web", "web.test:80")}}
        {{Route("idn", "/idn", "bücher.example", "*.BÜCHER.example")}}
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        {{string.Concat(Named.Select(Cluster))}}
        """;

    internal static Task<RawAnswer> GetAsync(TestSystem to, string path, string host, params string[] headers)
    {
        var more = string.Concat(headers.Select(h => h + "\r\n"));
        return RawHttp.SendAsync(to.Url, $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
    }

    /// <summary>
    /// Asks for a WebSocket. What follows ends the connection: a close frame where it was made, a malformed request where
    /// not.
    /// </summary>
    internal static Task<RawAnswer> UpgradeAsync(TestSystem to, string path, string host)
    {
        const string WebSocket =
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        const string End = "\u0088\u0080aaaa\r\n\r\n";
        return RawHttp.SendAsync(to.Url, $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n{WebSocket}\r\n{End}");
    }

    internal static Task<int> Http2Async(TestSystem to, string path, (string, string) host) =>
        RawHttp2.SendAsync(to.Url, [(":method", "GET"), (":scheme", "http"), (":path", path), host]);

    /// <summary>The route that the service was reached by, or the status of the gateway's refusal.</summary>
    internal static string Outcome(TestSystem system, int status)
    {
        var outcome = TargetSystem.Outcome(system, status);
        return outcome.StartsWith('[') ? outcome[1..outcome.IndexOf(']', StringComparison.Ordinal)] : outcome;
    }

    private static string Route(string name, string path, params string[] hosts)
    {
        var match = hosts.Length == 0 ? "" : $"Hosts: [ {string.Join(", ", hosts.Select(h => $"\"{h}\""))} ], ";
        var where = $$"""{ {{match}}Path: "{{path}}/{**rest}" }""";
        return $$"""    {{name}}: { ClusterId: {{name}}, AuthorizationPolicy: anonymous, Match: {{where}} }""";
    }

    private static string Cluster(string name) =>
        $$"""    {{name}}: { Destinations: { a: { Address: "{service}~{{name}}" } } }""" + "\n";
}
