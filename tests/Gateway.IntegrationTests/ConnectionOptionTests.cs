using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>What Connection names is of one connection and ends with it, both ways; what is of the message does not.</summary>
public sealed class ConnectionOptionTests(RouteKinds system) : IClassFixture<RouteKinds>
{
    public static TheoryData<string> Kinds => new(
        "plain", "transformed", "prefixed", "host", "orders-preflight", "h2c", "h2c-transformed", "tls", "tls-http1",
        "tls-http1-transformed", "kratos", "auth");

    /// <summary>The lines of a head that ties <c>X-Foo</c> to the connection.</summary>
    public static IReadOnlyList<string> Spellings =>
    [
        "Connection: close, X-Foo",
        "Connection: X-Foo, close",
        "Connection: close,X-Foo",
        "Connection: close ,\t X-Foo \t",
        "Connection: close, x-fOO",
        "Connection: ,, ,close,,X-Foo,,",
        "Connection: close\r\nConnection: X-Foo",
        "Connection: X-Foo\r\nConnection: close",
        "Connection: close\r\nconnection:\r\nCONNECTION: X-Foo",
        "Connection: close, X-Bar, X-Foo",
        "Connection: close, \"X-Foo\", X-Foo",
        "Connection: Close, X_Foo",
        "Connection: close;q=1, X-Foo",
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_a_client_ties_to_its_connection_ends_here(string kind)
    {
        var (gateway, path) = system.Of(kind);
        foreach (var spelling in Spellings)
        {
            await SendAsync(gateway, kind, path, $"{spelling}\r\nX-Foo: 1\r\nX-Stays: 2");

            var received = Assert.Single(system.Take());
            Assert.Equal((spelling, null), (spelling, received.Header("X-Foo")));
            Assert.Equal((spelling, "2"), (spelling, received.Header("X-Stays")));
        }
    }

    /// <summary>RFC 9110 section 7.6.1: a field for whoever reads the message is never one of a connection.</summary>
    [Theory]
    [InlineData("Host", null)]
    [InlineData("Authorization", "Basic YTpi")]
    [InlineData("Cookie", "a=b")]
    [InlineData("Cache-Control", "no-cache")]
    [InlineData("Content-Type", "text/x")]
    [InlineData("Content-Length", "2")]
    [InlineData("Content-Encoding", "br")]
    [InlineData("Origin", "null")]
    [InlineData("Range", "bytes=0-1")]
    [InlineData("If-Match", "\"a\"")]
    [InlineData("X-Forwarded-Host", null)]
    [InlineData("X-Forwarded-For", null)]
    [InlineData("X-Request-Id", null)]
    public async Task What_is_of_the_message_does_not_end_with_the_connection(string name, string? value)
    {
        foreach (var kind in (string[])["plain", "transformed", "h2c", "h2c-transformed", "tls-http1-transformed", "auth"])
        {
            var (gateway, path) = system.Of(kind);
            var line = value is null || name is "Content-Length" ? "" : $"{name}: {value}\r\n";

            await SendAsync(gateway, kind, path, $"Connection: close, {name}\r\n{line}X-Stays: 2", "POST", "hi");

            var received = Assert.Single(system.Take());
            Assert.Equal((kind, gateway.Url.Authority), (kind, received.Header("X-Forwarded-Host")));
            Assert.NotNull(received.Header("X-Forwarded-For"));
            Assert.NotNull(received.Header("X-Request-Id"));
            Assert.Equal("hi", received.Body);
            if (value is not null)
                Assert.Equal((kind, value), (kind, received.Header(name)));
        }
    }

    /// <summary>Kestrel would write such a list as <c>close</c>, so the service is a raw one.</summary>
    [Theory]
    [InlineData("Connection: close, X-Foo")]
    [InlineData("Connection: X-Foo,close")]
    [InlineData("Connection: close ,\t x-FOO")]
    [InlineData("Connection: ,, close,,X-Foo,")]
    [InlineData("Connection: close\r\nconnection: X_Foo")]
    [InlineData("Connection: X-Bar,X-Foo")]
    public async Task What_a_service_ties_to_its_connection_ends_here(string said)
    {
        var head = $"HTTP/1.1 200 OK\r\n{said}\r\nX-Foo: 1\r\nX-Bar: 1\r\nX-Stays: 2\r\n";
        await using var service = new RawService
        {
            Answer = head + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Foo: 1\r\nX-Stays: 3\r\n\r\n",
        };
        await using var http1 = await StartAsync(service);
        await using var http2 = await StartAsync(service, "--Kestrel:EndpointDefaults:Protocols=Http2");
        foreach (var path in Paths)
        {
            var plain = await RawHttp.RequestAsync(http1.Url, path);
            using var request = new HttpRequestMessage(HttpMethod.Get, path)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var second = await http2.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal((path, 200), (path, plain.Status));
            Assert.DoesNotContain("X-Foo", plain.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("\r\nX-Stays: 2\r\n", plain.Text, StringComparison.Ordinal);
            Assert.False(second.Headers.Contains("X-Foo"));
            Assert.Equal(["2"], second.Headers.GetValues("X-Stays"));
            Assert.False(second.TrailingHeaders.Contains("X-Foo"));
            Assert.Equal(["3"], second.TrailingHeaders.GetValues("X-Stays"));
        }
    }

    /// <summary>A field for every reader stays, and so does what the gateway says itself.</summary>
    [Fact]
    public async Task What_is_of_the_answer_does_not_end_with_the_services_connection()
    {
        string[] lines =
        [
            "Cache-Control: no-store", "Content-Type: text/x", "Set-Cookie: a=1", "Location: /x",
            "X-Content-Type-Options: nosniff",
        ];
        var named = string.Join(", ", lines.Select(line => line.Split(':')[0]));
        await using var service = new RawService
        {
            Answer = $"HTTP/1.1 200 OK\r\nConnection: close, X-Request-Id, {named}\r\n{string.Join("\r\n", lines)}\r\n"
                + "Content-Length: 2\r\n\r\nhi",
        };
        await using var gateway = await StartAsync(service);
        foreach (var path in Paths)
        {
            var answer = await RawHttp.RequestAsync(gateway.Url, path);

            Assert.Equal((path, "hi"), (path, answer.Body));
            foreach (var line in (string[])[.. lines, "X-Request-Id: "])
                Assert.Contains($"\r\n{line}", answer.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>What a route was chosen by, its service sees.</summary>
    [Fact]
    public async Task A_header_that_the_route_is_chosen_by_does_not_end_with_the_connection()
    {
        await using var gateway = await TestSystem.StartAsync(yaml: """
            ReverseProxy:
              Routes:
                tenant:
                  ClusterId: echo
                  AuthorizationPolicy: anonymous
                  Match: { Path: "/{**rest}", Headers: [ { Name: X-Tenant, Values: [ a ] } ] }
              Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
            """);

        await RawHttp.SendAsync(
            gateway.Url,
            $"GET / HTTP/1.1\r\nHost: {gateway.Url.Authority}\r\nConnection: close, X-Tenant, X-Foo\r\n"
                + "X-Tenant: a\r\nX-Foo: 1\r\n\r\n");

        Assert.Equal("a", gateway.Service.Only.Header("X-Tenant"));
        Assert.Null(gateway.Service.Only.Header("X-Foo"));
    }

    private static readonly string[] Paths = ["/plain/1", "/transformed/1", "/kratos/self-service/login/flows", "/auth/login"];

    private static Task<TestSystem> StartAsync(RawService service, params string[] more)
    {
        var yaml = RawService.Routes(service.Url);
        return TestSystem.StartAsync([$"--Kratos:PublicUrl={service.Url}", $"--SelfService:Url={service.Url}", .. more], yaml);
    }

    private static Task<RawAnswer> SendAsync(
        TestSystem gateway, string kind, string path, string lines, string method = "GET", string body = "")
    {
        var host = kind is "host" ? "shop.test" : gateway.Url.Authority;
        var target = kind is "orders-preflight" ? "/orders/1" : path;
        var verb = kind is "orders-preflight" ? "PATCH" : method;
        var length = body.Length > 0 ? $"Content-Length: {body.Length}\r\n" : "";
        return RawHttp.SendAsync(gateway.Url, $"{verb} {target} HTTP/1.1\r\nHost: {host}\r\n{length}{lines}\r\n\r\n{body}");
    }
}
