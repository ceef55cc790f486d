using System.Globalization;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// Two gateways, one for HTTP/1.1 and one for HTTP/2, with public routes whose destinations tell which of them was taken:
/// <c>/admin</c>, <c>/api</c> (prefix removed), <c>/files</c> (prefix removed, every unusual target allowed), <c>/anew</c> and
/// <c>/anew-files</c> (the path is computed; there every unusual target allowed), <c>/asked</c> (the query is) and everything
/// else (<c>any</c>).
/// </summary>
public sealed class TargetSystem() : BothProtocols(Yaml)
{
    internal const string Yaml = """
        ReverseProxy:
          Routes:
            admin: { ClusterId: admin, AuthorizationPolicy: anonymous, Match: { Path: "/admin/{**rest}" } }
            api:
              ClusterId: api
              AuthorizationPolicy: anonymous
              Match: { Path: "/api/{**rest}" }
              Transforms: [ { PathRemovePrefix: /api } ]
            files:
              ClusterId: files
              AuthorizationPolicy: anonymous
              Match: { Path: "/files/{**rest}" }
              Transforms: [ { PathRemovePrefix: /files } ]
              Metadata: { AllowEncodedSlashes: "true", AllowEmptySegments: "true", AllowPathParameters: "true" }
            anew:
              ClusterId: anew
              AuthorizationPolicy: anonymous
              Match: { Path: "/anew/{**rest}" }
              Transforms: [ { PathPattern: "/x/{**rest}" } ]
            anew-files:
              ClusterId: anew
              AuthorizationPolicy: anonymous
              Match: { Path: "/anew-files/{**rest}" }
              Transforms: [ { PathPrefix: /x } ]
              Metadata: { AllowEncodedSlashes: "true", AllowEmptySegments: "true", AllowPathParameters: "true" }
            asked:
              ClusterId: anew
              AuthorizationPolicy: anonymous
              Match: { Path: "/asked/{**rest}" }
              Transforms: [ { QueryValueParameter: a, Set: b } ]
            any: { ClusterId: any, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } }
          Clusters:
            admin: { Destinations: { a: { Address: "{service}~admin" } } }
            api: { Destinations: { a: { Address: "{service}~api/" } } }
            files: { Destinations: { a: { Address: "{service}~files" } } }
            anew: { Destinations: { a: { Address: "{service}~anew" } } }
            any: { Destinations: { a: { Address: "{service}~any" } } }
        """;

    /// <summary>The outcome of a target that is refused.</summary>
    internal const string Refused = "400";

    /// <summary>A GET over HTTP/1.1 has this outcome.</summary>
    internal async Task AssertOverHttp1Async(string target, string expected)
    {
        var answer = await RawHttp.RequestAsync(Http1.Url, target);
        AssertOutcome(Http1, target, answer.Status, expected);
    }

    /// <summary>A GET over HTTP/2 has this outcome.</summary>
    internal async Task AssertOverHttp2Async(string target, string expected)
    {
        var status = await RawHttp2.SendAsync(Http2.Url, RawHttp2.Get(Http2.Url, target));
        AssertOutcome(Http2, target, status, expected);
    }

    private static void AssertOutcome(TestSystem system, string target, int status, string expected)
    {
        var outcome = Outcome(system, status);
        Assert.True(Agrees(expected, outcome), $"{target}: expected {expected}, was {outcome}");
    }

    /// <summary>What is not even HTTP is Kestrel's to refuse: 400 as well, or a reset stream (0).</summary>
    internal static bool Agrees(string expected, string outcome) =>
        expected == outcome || expected is Refused && outcome is "0";

    /// <summary>
    /// What the service received, as <c>[route] target</c>; or the status of the gateway's refusal, which is 4xx, when it
    /// received nothing.
    /// </summary>
    internal static string Outcome(TestSystem system, int status)
    {
        var received = system.Service.Received;
        system.Service.Forget();
        if (received.Count == 0) return status.ToString(CultureInfo.InvariantCulture);
        var target = Assert.Single(received).Target;
        Assert.StartsWith("/~", target, StringComparison.Ordinal);
        var end = target.AsSpan(2).IndexOfAny('/', '?') + 2;
        return $"[{target[2..end]}] {target[end..]}";
    }
}
