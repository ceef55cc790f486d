using Gateway.IntegrationTests.Harness;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.IntegrationTests;

/// <summary>A route with <c>Hosts</c> takes requests of those hosts only, and whatever stands in Host, nothing breaks.</summary>
public sealed class HostTests(HostSystem system) : IClassFixture<HostSystem>
{
    private const string ForwardedFor = "X-Forwarded-For: 203.0.113.7";

    /// <summary>Path, Host, and the route that takes it or the gateway's status; <c>rest</c> needs a session: 401.</summary>
    public static TheoryData<string, string, string> Hosts => new()
    {
        // The public route of one wildcard host beside the signed-in one of a wider wildcard.
        { "/assets/x", "admin.example.org", "401" },
        { "/assets/x", "a.pages.example.org", "pages" },
        { "/assets/x", "A.Pages.EXAMPLE.org:8080", "pages" },
        { "/assets/x", "a.b.pages.example.org", "pages" },
        { "/assets/x", "pages.example.org", "401" }, // under *.example.org
        { "/assets/x", "badpages.example.org", "401" },
        { "/other/x", "a.pages.example.org", "401" },
        { "/assets/x", "example.org", "404" },
        { "/assets/x", "badexample.org", "404" },
        { "/assets/x", "pages.example.org.evil.test", "404" },
        { "/assets/x", "a.pages.example.orgx", "404" },

        // Exact before wildcard, longer before shorter, with port before without, any host last; a route's best host counts.
        { "/rank/x", "one.rank.test", "exact" },
        { "/rank/x", "two.rank.test", "wide" },
        { "/rank/x", "a.deep.rank.test", "deep" },
        { "/rank/x", "one.rank.test:5000", "port" },
        { "/rank/x", "two.rank.test:5000", "wide" },
        { "/rank/x", "elsewhere.test:5000", "any-5000" },
        { "/rank/x", "elsewhere.test", "any" },
        { "/rank/x", "rank.test", "any" },
        { "/rank/x", "127.0.0.1", "any" },
        { "/rank/x", "[::1]:5000", "any-5000" },
        { "/rank/x", "[::1]:6000", "six" },
        { "/rank/x", "[0:0::0:1]:6000", "six" },
        { "/rank/x", "[::2]:6000", "any" },

        // What fits the host but not the method or header is no reason to refuse what fits both.
        { "/fall/x", "a.fall.test", "fall-wide" },
        { "/fall/x", "a.b.fall.test", "fall-wide" },

        // Ports: http's own where the request names none.
        { "/web/x", "web.test", "web-80" },
        { "/web/x", "web.test:80", "web-80" },
        { "/web/x", "web.test:0080", "web-80" },
        { "/web/x", "web.test:8080", "404" },

        // Internationalised names.
        { "/idn/x", "xn--bcher-kva.example", "idn" },
        { "/idn/x", "XN--BCHER-KVA.Example", "idn" },
        { "/idn/x", "Xn--bcheR-kva.example:99", "idn" },
        { "/idn/x", "shop.xn--bcher-kva.example", "idn" },
        { "/idn/x", "shop.XN--bcher-KVA.example.", "idn" },
        { "/idn/x", "xn--wgv71a.example", "404" },
    };

    /// <summary>The framework's policy answers the first from the public route.</summary>
    [Theory]
    [InlineData("admin.example.org", 401)]
    [InlineData("a.pages.example.org", 200)]
    [InlineData("example.org", 404)]
    public async Task A_wider_wildcards_host_is_not_answered_by_the_public_route_of_a_longer_one(string host, int status)
    {
        await using var two = await TestSystem.StartAsync(yaml: """
            ReverseProxy:
              Routes:
                rest: { ClusterId: echo, Match: { Hosts: [ "*.example.org" ], Path: "/{**rest}" } }
                pages:
                  ClusterId: echo
                  AuthorizationPolicy: anonymous
                  Match: { Hosts: [ "*.pages.example.org" ], Path: "/assets/{**rest}" }
              Clusters:
                echo: { Destinations: { a: { Address: "{service}" } } }
            """);

        var answer = await HostSystem.GetAsync(two, "/assets/x", host);

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task A_route_that_routing_gets_wrong_is_no_route()
    {
        await using var wrong = await TestSystem.StartAsync(
            yaml: HostSystem.Yaml,
            customize: builder => builder.Services.AddSingleton<MatcherPolicy, Misroute>());

        var other = await HostSystem.GetAsync(wrong, "/assets/x", "admin.example.org");
        Assert.Equal(404, other.Status);
        Assert.Empty(wrong.Service.Received);
        var own = await HostSystem.GetAsync(wrong, "/assets/x", "a.pages.example.org");
        Assert.Equal(200, own.Status);
    }

    [Fact]
    public async Task A_gateway_does_not_start_with_the_frameworks_host_policy()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var started = await TestSystem.StartAsync(
                customize: builder => builder.Services.AddSingleton<MatcherPolicy, HostMatcherPolicy>());
        });

        Assert.Contains("HostMatcherPolicy", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_route_takes_the_requests_of_its_hosts_alone(string path, string host, string expected)
    {
        var answer = await HostSystem.GetAsync(system.Http1, path, host);
        Assert.Equal(expected, HostSystem.Outcome(system.Http1, answer.Status));

        var upgrade = await HostSystem.UpgradeAsync(system.Http1, path, host);
        Assert.Equal(expected, HostSystem.Outcome(system.Http1, upgrade.Status));

        var status = await HostSystem.Http2Async(system.Http2, path, (":authority", host));
        Assert.Equal(expected, HostSystem.Outcome(system.Http2, status));
    }

    /// <summary>Hosts that there cannot be, or that a service may read as another one.</summary>
    public static TheoryData<string> Hostile =>
    [
        "", ".", "..", ".test", "secret.test..", "secret.test..:80", "secret..test", ".secret.test", "secret.test.:0",
        "secret.test:0", "secret.test:65536", "secret.test:", "secret.test:+80", "secret.test: 80", "secret.test:80:80",
        ":80", "xn--", "XN--", "Xn--:80", "xn--.test", "a.xn--.test", "XN--.test.", "xn--a", "xn--a-.test", "xn--\u00fc.test",
        "xn--99999999999999999999.test", "xn--999999b.test", "axn--b." + new string('a', 64) + ".test",
        "xn--bcher-kva." + new string('a', 64), "xn--bcher-kva..test",
        "xn--bcher-kva." + string.Concat(Enumerable.Repeat("aaaaaaaaa.", 26)) + "test", "xn--bcher-2pa.test", "xn--0.pt", "[",
        "[]", "[::1", "::1", "[zz]", "[:::::]", "[::1]x", "[::1]:", "[::1]:0", "[::1]:70000", "[::1]..", "[1.2.3.4]",
        "[::1%25lo]", "[xn--]", "a b", "a,b c", "a/b", "a@b", "a?b", "a#b", "a\\b", "a\u0000b", "caf\u00e9.test", "\u00fc",
        "*", "*.test*", "a\"b", "<a>", "http://secret.test",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_host_that_there_cannot_be_is_refused_on_every_kind_of_route(string host)
    {
        system.Http1.Service.Forget();
        system.Http2.Service.Forget();
        foreach (var path in HostSystem.Paths)
        {
            var answer = await HostSystem.GetAsync(system.Http1, path, host, "Sec-Fetch-Mode: navigate");
            var upgrade = await HostSystem.UpgradeAsync(system.Http1, path, host);
            var old = await RawHttp.SendAsync(system.Http1.Url, $"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
            var status = await HostSystem.Http2Async(system.Http2, path, (":authority", host));
            var second = await HostSystem.Http2Async(system.Http2, path, ("host", host));

            Assert.Equal((400, 400, 400), (answer.Status, upgrade.Status, old.Status));
            // Kestrel resets the stream of what it refuses itself.
            Assert.True(status is 400 or 0, $"HTTP/2 :authority on {path}: {status}");
            Assert.True(second is 400 or 0, $"HTTP/2 host on {path}: {second}");
            Assert.Empty(system.Http1.Service.Received);
            Assert.Empty(system.Http2.Service.Received);
        }
    }

    [Theory]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("XN--BCHER-KVA.example:8443", "XN--BCHER-KVA.example:8443")]
    [InlineData("xn--wgv71a.example", "xn--wgv71a.example")] // two letters that are no Latin-1
    [InlineData("Secret.TEST", "Secret.TEST")]
    [InlineData("secret.test.", "secret.test")]
    [InlineData("XN--wgv71a.example.:80", "XN--wgv71a.example:80")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("a_b.test", "a_b.test")]
    public async Task A_host_reaches_the_service_and_the_login_page_as_it_came(string host, string expected)
    {
        foreach (var path in (string[])["/plain/x", "/transformed/x", "/kept/x", "/kept-transformed/x"])
        {
            var answer = await HostSystem.GetAsync(system.Http1, path, host);
            Assert.Equal(200, answer.Status);
            var received = system.Http1.Service.Only;
            system.Http1.Service.Forget();
            Assert.Equal(expected, received.Header("X-Forwarded-Host"));
            if (path.StartsWith("/kept", StringComparison.Ordinal))
                Assert.Equal(expected, received.Header("Host"));
        }

        var navigation = await HostSystem.GetAsync(system.Http1, "/private/x", host, "Sec-Fetch-Mode: navigate");
        Assert.Equal(302, navigation.Status);
        var returnTo = "return_to=" + Uri.EscapeDataString($"http://{expected}/private/x");
        Assert.Contains(returnTo, navigation.Text, StringComparison.Ordinal);
        var program = await HostSystem.GetAsync(system.Http1, "/private/x", host);
        Assert.Contains($"http://{expected}/kratos/", program.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xn--")]
    [InlineData("a.test, xn--")]
    [InlineData("xn--, a.test")]
    [InlineData("secret.test..")]
    [InlineData("secret..test")]
    [InlineData("secret.test:0")]
    [InlineData("secret.test:99999")]
    [InlineData("[zz]")]
    [InlineData("a b")]
    [InlineData("a/b")]
    public async Task A_trusted_proxys_word_on_the_host_is_held_to_the_same_rules(string host)
    {
        await using var behind = await TestSystem.StartAsync(["--Network:TrustedProxies:0=127.0.0.1"], HostSystem.Yaml);
        foreach (var path in HostSystem.Paths)
        {
            var answer = await HostSystem.GetAsync(behind, path, "a.test", ForwardedFor, $"X-Forwarded-Host: {host}");
            Assert.Equal(400, answer.Status);
            // Its own Host, too, although another one counts.
            var own = await HostSystem.GetAsync(behind, path, "xn--", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Host: a.test");
            Assert.Equal(400, own.Status);
        }
        Assert.Empty(behind.Service.Received);
    }

    [Fact]
    public async Task A_trusted_proxys_host_finds_the_route_and_a_strangers_does_not()
    {
        await using var behind = await TestSystem.StartAsync(["--Network:TrustedProxies:0=127.0.0.1"], HostSystem.Yaml);
        await using var distrustful = await TestSystem.StartAsync(["--Network:TrustedProxies:0=10.0.0.1"], HostSystem.Yaml);
        foreach (var host in (string[])["xn--bcher-kva.example", "XN--BCHER-kva.example:80", "xn--bcher-kva.example."])
        {
            var answer = await HostSystem.GetAsync(behind, "/idn/x", "a.test", ForwardedFor, $"X-Forwarded-Host: {host}");
            Assert.Equal(200, answer.Status);
            Assert.Equal(host.TrimEnd('.'), behind.Service.Only.Header("X-Forwarded-Host"));
            behind.Service.Forget();
        }

        foreach (var host in (string[])["xn--bcher-kva.example", "xn--", "..", "a b"])
        {
            Assert.Equal(404, (await HostSystem.GetAsync(distrustful, "/idn/x", "a.test", $"X-Forwarded-Host: {host}")).Status);
            Assert.Equal(200, (await HostSystem.GetAsync(distrustful, "/plain/x", "a.test", $"X-Forwarded-Host: {host}")).Status);
        }
    }

    [Fact]
    public async Task Allowed_hosts_of_ASP_NET_Core_break_on_no_host()
    {
        await using var limited = await TestSystem.StartAsync(["--AllowedHosts=a.test;*.b.test"], HostSystem.Yaml);
        foreach (var row in Hostile)
        {
            var answer = await HostSystem.GetAsync(limited, "/plain/x", row.Data);
            Assert.Equal(400, answer.Status);
        }
    }

    /// <summary>Sends everything under <c>/assets</c> to the route <c>pages</c>.</summary>
    private sealed class Misroute(IServiceProvider services) : MatcherPolicy, IEndpointSelectorPolicy
    {
        public override int Order => int.MaxValue;

        public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

        public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
        {
            if (httpContext.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal))
            {
                var endpoints = services.GetRequiredService<EndpointDataSource>().Endpoints;
                httpContext.SetEndpoint(endpoints.Single(e => e.DisplayName is "pages"));
            }
            return Task.CompletedTask;
        }
    }
}
