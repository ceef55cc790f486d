using CsCheck;
using Gateway.Routes;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.IntegrationTests.Harness;

/// <summary>A person of a random configuration.</summary>
internal sealed record ExplainPerson(string? Department, string Domain, bool Verified, bool Aal2, int MinutesAgo)
{
    public static readonly Gen<ExplainPerson> Any =
        from department in Gen.OneOf(null, "sales", "staff", "\"quoted\" ü")
        from domain in Gen.OneOf("example.org", "example.com")
        from verified in Gen.Bool
        from aal2 in Gen.Bool
        from minutes in Gen.OneOf(0, 5, 90)
        select new ExplainPerson(department, domain, verified, aal2, minutes);
}

/// <summary>How a request says who sends it.</summary>
internal enum ExplainCredential { None, Unknown, Token, Cookie, Described }

/// <param name="Person">By position; of no meaning where nobody is known.</param>
internal sealed record ExplainTarget(
    string Method, string Host, string Target, string[] Headers, ExplainCredential Credential, int Person)
{
    private static readonly string[] Targets =
    [
        "/", "/a", "/a/b", "/a/b", "/a/b", "/a/7", "/a/7?x=2", "/a/x", "/c/x", "/c/y", "/b", "/a/b/c?x=1",
        "/A/b", "/c", "/c/x?q=/../y", "/a//b", "/a/%2e%2e/b", "/a/../kratos/admin", "/a%2Fb", "/a;x/b", "/c/%C3%A9", "/a/b%20c",
        "/c/x%3By", "/c/%2561", "/a/b.%E2%80%8B",
        "/b?x=y", "/kratos/admin/identities", "/kratos/health/alive", "/KRATOS/x", "/auth/logout",
    ];

    private static readonly string[] Lines =
    [
        "X-A: b", "X-A: c", "Accept: text/html", "Accept: application/json", "X-User-Id: forged", "x_user-id: forged",
        "X_A: b", "Remote-User: forged", "x_consumer_id: forged", "Proxy: forged",
        "Cookie: theme=dark", "Authorization: Basic eDp5", "X-Forwarded-For: 1.2.3.4", "Sec-Fetch-Mode: navigate",
        "Origin: https://app.test", "Origin: https://app.test", "Origin: https://app.test", "Forwarded: for=1.2.3.4", "X-Two: 1",
        "X-Two: 2", "Content-Type: text/plain", "Upgrade: h2c",
    ];

    private static readonly string[] Preflight = ["Origin: https://app.test", "Access-Control-Request-Method: GET"];

    private static readonly ExplainCredential[] Credentials =
        [.. Enum.GetValues<ExplainCredential>(), ExplainCredential.Token, ExplainCredential.Cookie, ExplainCredential.Described];

    public static readonly Gen<ExplainTarget> Any =
        from method in Gen.OneOf("GET", "GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "TRACE", "OPTIONS", "OPTIONS")
        from host in Gen.OneOf("a.test", "a.test", "a.test", "x.a.test", "b.test", "b.test:5000", "a..test")
        from target in Gen.OneOf(Targets)
        from headers in Gen.OneOf(Lines).Array[0, 5]
        from credential in Gen.OneOf(Credentials)
        from person in Gen.Int[0, ExplainCase.People - 1]
        let preflight = method is "OPTIONS" ? Preflight : []
        select new ExplainTarget(method, host, target, [.. headers.Union(preflight)], credential, person);
}

/// <summary>A small random configuration, people, and requests.</summary>
internal sealed record ExplainCase(
    string[] RuleTexts, ExplainRoute[] AllRoutes, ExplainPerson[] Persons, ExplainTarget[] Requests)
{
    public const int People = 5;

    private static readonly string[] Conditions =
    [
        "VerifiedEmail: true", "AssuranceLevel: aal1", "AssuranceLevel: aal2", "SessionAge: \"00:15:00\"",
        "SessionAge: \"10:00:00\"",
        "Trait: { Path: email, EndsWith: \"@example.org\" }", "Trait: { Path: department, In: [ sales, staff ] }",
        "Trait: { Path: department, Exists: true }", "Trait: { Path: department, Contains: s }", "Schema: [ default, other ]",
        "Schema: other",
    ];

    /// <summary>Of a route that takes whatever no other takes.</summary>
    private static readonly ExplainRoute Rest = new("/{**rest}", [], [], false, 0, ("", "", ""));

    private static Gen<string> Rule(params string[] sessions) =>
        from session in Gen.OneOf(sessions)
        from conditions in Gen.OneOf(Conditions).Array[1, 3]
        select session is "Required"
            ? $$"""{ Session: Required, Require: [ {{string.Join(", ", conditions.Select(c => $"{{ {c} }}"))}} ] }"""
            : $$"""{ Session: {{session}} }""";

    public static readonly Gen<ExplainCase> Any =
        from required in Rule("Required").Array[2]
        from any in Rule("None", "Optional", "Required")
        from routes in ExplainRoute.Any.Array[2, 7]
        from people in ExplainPerson.Any.Array[People]
        from requests in ExplainTarget.Any.Array[120]
        select new ExplainCase([.. required, any], [Rest, .. routes], people, requests);

    /// <summary>Those that a load accepts beside each other.</summary>
    public IReadOnlyList<(string Id, ExplainRoute Route)> Routes
    {
        get
        {
            var all = AllRoutes.Index().Select(route => (Id: $"r{route.Index}", Route: route.Item)).ToArray();
            var ties = RouteOverlaps.Find(all.Select(route => route.Route.Config(route.Id))).Select(tie => tie.Route).ToHashSet();
            return [.. all.Where(route => !ties.Contains(route.Id))];
        }
    }

    public string Yaml => $$"""
        Cors: { Policies: { web: { AllowedOrigins: [ "https://app.test" ] } } }
        RateLimiter:
          Policies:
            each: { Type: SlidingWindow, PartitionBy: Caller, PermitLimit: 100000, Window: 1h }
            all: { Type: FixedWindow, PartitionBy: ClientAddress, PermitLimit: 100000, Window: 1h }
        AccessRules:
        {{string.Join('\n', RuleTexts.Select((rule, i) => $"  rule{i}: {rule}"))}}
        ReverseProxy:
          Routes:
        {{string.Join('\n', Routes.Select(route => $"    {route.Id}: {route.Route.Yaml(route.Id)}"))}}
          Clusters:
        {{string.Join('\n', Routes.Select(route => $$"""    {{route.Id}}: { Destinations: { a: { Address: "{service}~{{route.Id}}" } } }"""))}}
        """;
}

/// <param name="Rule">By position; none: the default.</param>
internal sealed record ExplainRoute(
    string Path,
    string[] Hosts,
    string[] Methods,
    bool Header,
    int? Rule,
    (string Transform, string Metadata, string Policies) Extra)
{
    private static readonly string[] ManyPolicies =
    [
        "", ", CorsPolicy: web", ", CorsPolicy: web", ", RateLimiterPolicy: each", ", RateLimiterPolicy: all, Timeout: 1h",
        ", CorsPolicy: web, RateLimiterPolicy: each, Timeout: 1h", ", CorsPolicy: disable, RateLimiterPolicy: all",
    ];

    public static readonly Gen<ExplainRoute> Any =
        from path in Gen.OneOf("/{**rest}", "/a/{**rest}", "/a/{x}", "/a/b", "/a/{x:int}", "/c/{**rest}")
        from hosts in Gen.OneOf([], [], ["a.test"], ["*.a.test", "a.test"], ["b.test"], new[] { "b.test:5000", "*.a.test" })
        from methods in Gen.OneOf("GET", "POST").Array[0, 2]
        from header in Gen.OneOf(false, false, false, true)
        from rule in Gen.OneOf<int?>(0, 0, 1, 1, 2, 2, null)
        from transform in Gen.OneOf(
            "", "", "{ PathRemovePrefix: /a }", "{ RequestHeader: X-Set, Set: y }", "{ QueryValueParameter: q, Set: z }")
        from metadata in Gen.OneOf("", "AllowEncodedSlashes", "AllowPathParameters", "ForwardSessionCookie")
        from policies in Gen.OneOf(ManyPolicies)
        select new ExplainRoute(path, hosts, [.. methods.Distinct()], header, rule, (transform, metadata, policies));

    public RouteConfig Config(string id) => new()
    {
        RouteId = id,
        Match = new()
        {
            Path = Path,
            Hosts = Hosts.Length == 0 ? null : Hosts,
            Methods = Methods.Length == 0 ? null : Methods,
            Headers = Header ? [new() { Name = "X-A", Values = ["b"] }] : null,
        },
    };

    public string Yaml(string id)
    {
        var headers = Header ? ", Headers: [ { Name: X-A, Values: [ b ] } ]" : "";
        var match = $"Path: \"{Path}\"{Listed("Hosts", Hosts)}{Listed("Methods", Methods)}{headers}";
        var rule = Rule is { } index ? $", AuthorizationPolicy: rule{index}" : "";
        var transforms = Extra.Transform.Length > 0 ? $", Transforms: [ {Extra.Transform} ]" : "";
        var metadata = Extra.Metadata.Length > 0 ? $", Metadata: {{ {Extra.Metadata}: \"true\" }}" : "";
        return $$"""{ ClusterId: {{id}}{{rule}}{{Extra.Policies}}, Match: { {{match}} }{{transforms}}{{metadata}} }""";
    }

    private static string Listed(string name, string[] values) =>
        values.Length == 0 ? "" : $", {name}: [ {string.Join(", ", values.Select(value => $"\"{value}\""))} ]";
}
