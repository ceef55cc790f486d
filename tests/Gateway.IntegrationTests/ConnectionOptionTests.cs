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

    [Theory]
    [InlineData("close, X-Foo")]
    [InlineData("X-Foo,close")]
    [InlineData("close ,\t x-FOO")]
    [InlineData(",, close,,X-Foo,")]
    [InlineData("close, X_Foo")]
    [InlineData("keep-alive, X-Bar,X-Foo")]
    public async Task What_a_service_ties_to_its_connection_ends_here(string said)
    {
        foreach (var kind in (string[])["plain", "transformed", "host", "tls-http1", "tls-http1-transformed", "auth"])
        {
            var (gateway, path) = system.Of(kind);
            string[] headers = [$"Connection:{said}", "X-Foo:1", "X-Stays:2", "Cache-Control:no-cache"];
            var query = string.Join('&', headers.Select(header => "header=" + Uri.EscapeDataString(header)));

            var answer = await SendAsync(gateway, kind, $"{path}?{query}", "Connection: close");

            Assert.Equal((kind, 200), (kind, answer.Status));
            Assert.DoesNotContain("X-Foo", answer.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("X-Bar", answer.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("\r\nX-Stays: 2\r\n", answer.Text, StringComparison.Ordinal);
            system.Take();
        }
    }

    /// <summary>A field for every reader stays, and so does what the gateway says itself.</summary>
    [Fact]
    public async Task What_is_of_the_answer_does_not_end_with_the_services_connection()
    {
        foreach (var kind in (string[])["plain", "transformed", "auth"])
        {
            var (gateway, path) = system.Of(kind);
            string[] headers =
            [
                "Connection:close, Cache-Control, Content-Type, Set-Cookie, Location, X-Request-Id, X-Content-Type-Options",
                "Cache-Control:no-store", "Set-Cookie:a=1", "Location:/x", "X-Content-Type-Options:nosniff",
            ];
            var query = string.Join('&', headers.Select(header => "header=" + Uri.EscapeDataString(header)));

            var answer = await SendAsync(gateway, kind, $"{path}?{query}", "Connection: close");

            foreach (var line in (string[])[.. headers[1..].Select(h => h.Replace(":", ": ", StringComparison.Ordinal)), "X-Request-Id: "])
                Assert.Contains($"\r\n{line}", answer.Text, StringComparison.Ordinal);
            Assert.Contains("Content-Type: application/json", answer.Text, StringComparison.Ordinal);
            system.Take();
        }
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
