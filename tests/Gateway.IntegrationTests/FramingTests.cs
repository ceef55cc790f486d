using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>One request is one request to both sides: nothing hides in the body or the head of another.</summary>
public sealed class FramingTests(TargetSystem system) : IClassFixture<TargetSystem>
{
    private const string Hidden = "GET /admin/hidden HTTP/1.1\r\nHost: h\r\n\r\n";

    /// <summary>
    /// The head's lines and a body in which another request hides; <c>0</c>: whether the first reached the service is all the
    /// same, the hidden one never does.
    /// </summary>
    [Theory]
    [InlineData("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 6", "0\r\n\r\n" + Hidden)]
    [InlineData("Content-Length: 0\r\nContent-Length: 44", Hidden)]
    [InlineData("Content-Length: 44\r\nContent-Length: 0", Hidden)]
    [InlineData("Content-Length: 0, 44", Hidden)]
    [InlineData("Content-Length: +0", Hidden)]
    [InlineData("Content-Length: -1", Hidden)]
    [InlineData("Content-Length: 0x0", Hidden)]
    [InlineData("Content-Length:", Hidden)]
    [InlineData("Content-Length : 0", Hidden)]
    [InlineData("Content-Length: 99999999999999999999", Hidden)]
    [InlineData("Transfer-Encoding: xchunked", Hidden)]
    [InlineData("Transfer-Encoding: chunked, identity", "0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: identity", Hidden)]
    [InlineData("Transfer-Encoding: gzip, chunked", "0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding : chunked", "0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding:\r\n chunked", "0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: \u000bchunked", "0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: chunked", "x\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: chunked", "5;a=\nb\r\nhello\r\n0\r\n\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: chunked", "ffffffffffffffff1\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: chunked", "-1\r\n" + Hidden)]
    [InlineData("Transfer-Encoding: chunked", "0\r\nGET /admin/hidden HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("X-Fold: a\r\n b", "")]
    [InlineData("X-Fold: a\r\n\tb", "")]
    [InlineData("X-Null: a\u0000b", "")]
    [InlineData("X-Cr: a\rX-Other: b", "")]
    [InlineData("X Space: a", "")]
    [InlineData(": a", "")]
    [InlineData("NoColon", "")]
    [InlineData("X-Caf\u00e9: a", "")]
    [InlineData("Host: other", "")]
    public async Task A_request_never_hides_in_another(string lines, string body)
    {
        await RawHttp.SendAsync(
            system.Http1.Url,
            $"POST /a/first HTTP/1.1\r\nHost: {system.Http1.Url.Authority}\r\nConnection: close\r\n{lines}\r\n\r\n{body}");

        var received = system.Http1.Service.Received;
        system.Http1.Service.Forget();
        Assert.DoesNotContain(received, r => r.Target.Contains("hidden", StringComparison.Ordinal)
            || r.Headers.ContainsKey("X-Other")
            || r.Headers.ContainsKey("X-Content-Length"));
        Assert.True(received.Count <= 1);
        Assert.All(received, r => Assert.DoesNotContain("hidden", r.Body, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET /a HTTP/1.1\nHost: {authority}\nConnection: close\n\n")]
    [InlineData("GET /a HTTP/1.1\r\nHost: {authority}\r\nX-A: b\nConnection: close\r\n\r\n")]
    public async Task Bare_line_feeds_end_a_line_for_both_sides_or_are_refused(string request)
    {
        var answer = await RawHttp.SendAsync(
            system.Http1.Url,
            request.Replace("{authority}", system.Http1.Url.Authority, StringComparison.Ordinal));

        var outcome = TargetSystem.Outcome(system.Http1, answer.Status);
        Assert.True(outcome is "[any] /a" or "400", outcome);
    }

    [Theory]
    [InlineData("GET /a HTTP/1.2")]
    [InlineData("GET /a HTTP/2.0")]
    [InlineData("GET /a HTTP/0.9")]
    [InlineData("GET /a")]
    [InlineData("GET  /a HTTP/1.1")]
    [InlineData(" GET /a HTTP/1.1")]
    [InlineData("GET\t/a\tHTTP/1.1")]
    [InlineData("GET /a HTTP/1.1 x")]
    public async Task A_request_line_is_exactly_that(string line)
    {
        var answer = await RawHttp.SendAsync(
            system.Http1.Url,
            $"{line}\r\nHost: {system.Http1.Url.Authority}\r\nConnection: close\r\n\r\n");

        var outcome = TargetSystem.Outcome(system.Http1, answer.Status);
        Assert.True(outcome is "0" or "400" or "505", outcome);
    }

    [Fact]
    public async Task Two_requests_in_one_packet_are_two()
    {
        var one = $"GET /a/1 HTTP/1.1\r\nHost: {system.Http1.Url.Authority}\r\n\r\n";
        var two = one.Replace("/a/1", "/a/../2", StringComparison.Ordinal);
        var three = one.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal)
            .Replace("/a/1", "/a/3", StringComparison.Ordinal);

        var answer = await RawHttp.SendAsync(system.Http1.Url, one + two + three);

        Assert.Equal([200, 400, 200], answer.Statuses);
        Assert.Equal(["/~any/a/1", "/~any/a/3"], system.Http1.Service.Received.Select(r => r.Target));
        system.Http1.Service.Forget();
    }

    public static TheoryData<string, string[]> Http2Tricks => new()
    {
        { "two paths", [":path: /b"] },
        { "two methods", [":method: POST"] },
        { "a pseudo-header after a header", ["a: b", ":path: /b"] },
        { "an unknown pseudo-header", [":x: y"] },
        { "upper case", ["X-User-Id: forged"] },
        { "connection", ["connection: close"] },
        { "transfer-encoding", ["transfer-encoding: chunked"] },
        { "upgrade", ["upgrade: h2c"] },
        { "te", ["te: gzip"] },
        { "line feed in a value", ["a: b\r\nx-other: c"] },
        { "null in a value", ["a: b\0c"] },
        { "line feed in a name", ["a\r\nx-other: c"] },
        { "colon in a name", ["a:b: c"] },
        { "blank in a name", ["a b: c"] },
        { "two hosts", ["host: other.example"] },
        { "content-length without a body", ["content-length: 5"] },
        { "two lengths", ["content-length: 0", "content-length: 1"] },
    };

    [Theory]
    [MemberData(nameof(Http2Tricks))]
    public async Task An_http2_trick_does_not_become_another_http1_request(string trick, string[] headers)
    {
        var more = headers
            .Select(h => (h[..h.IndexOf(": ", StringComparison.Ordinal)], h[(h.IndexOf(": ", StringComparison.Ordinal) + 2)..]))
            .ToArray();

        await RawHttp2.SendAsync(system.Http2.Url, RawHttp2.Get(system.Http2.Url, "/a", more));

        var received = system.Http2.Service.Received;
        system.Http2.Service.Forget();
        Assert.True(received.Count <= 1, trick);
        foreach (var request in received)
        {
            Assert.Equal("/~any/a", request.Target);
            Assert.Equal("GET", request.Method);
            foreach (var name in (string[])["x-other", "x", "X-User-Id", "Transfer-Encoding", "Upgrade", "TE", "a b"])
                Assert.Null(request.Header(name));
            Assert.True(request.Header("Content-Length") is null or "0");
            Assert.Equal(system.Http2.Service.Url.Authority, request.Header("Host"));
        }
    }

    [Fact]
    public async Task An_http2_body_that_hides_a_request_is_a_body()
    {
        var status = await RawHttp2.SendAsync(
            system.Http2.Url,
            [
                (":method", "POST"), (":scheme", "http"), (":authority", system.Http2.Url.Authority), (":path", "/a"),
                ("content-length", "0"),
            ],
            Hidden);

        var received = system.Http2.Service.Received;
        system.Http2.Service.Forget();
        Assert.True(status is 0 or 400 or 502, $"{status}");
        Assert.DoesNotContain(received, r => r.Target.Contains("hidden", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x-user-id")]
    [InlineData("x_user_id")]
    [InlineData("x.user.id")]
    public async Task An_identity_header_cannot_be_forged_over_http2(string name)
    {
        var status = await RawHttp2.SendAsync(system.Http2.Url, RawHttp2.Get(system.Http2.Url, "/a", (name, "forged")));

        var received = Assert.Single(system.Http2.Service.Received);
        system.Http2.Service.Forget();
        Assert.Equal(200, status);
        Assert.DoesNotContain(received.Headers, h => h.Value.Contains("forged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cookie_in_several_http2_fields_is_one_cookie()
    {
        await RawHttp2.SendAsync(
            system.Http2.Url,
            RawHttp2.Get(system.Http2.Url, "/a", ("cookie", "a=b"), ("cookie", "ory_kratos_session=SECRET"), ("cookie", "c=d")));

        var received = Assert.Single(system.Http2.Service.Received);
        system.Http2.Service.Forget();
        Assert.Equal("a=b; c=d", received.Header("Cookie"));
    }
}
