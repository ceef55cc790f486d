using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// What is no answer of a service, or half of one, becomes an answer of the gateway's own with its reason; and where the head has
/// gone, nothing that looks complete.
/// </summary>
public sealed class BrokenAnswerTests : IAsyncLifetime
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";
    private const string Chunked = Ok + "Transfer-Encoding: chunked\r\n\r\n";

    private readonly RawService _service = new();
    private TestSystem _http1 = null!;
    private TestSystem _http2 = null!;

    public async ValueTask InitializeAsync()
    {
        var yaml = RawService.Routes(_service.Url);
        string[] builtIn = [$"--Kratos:PublicUrl={_service.Url}", $"--SelfService:Url={_service.Url}"];
        _http1 = await TestSystem.StartAsync(builtIn, yaml);
        _http2 = await TestSystem.StartAsync([.. builtIn, "--Kestrel:EndpointDefaults:Protocols=Http2"], yaml);
    }

    public async ValueTask DisposeAsync()
    {
        await _http1.DisposeAsync();
        await _http2.DisposeAsync();
        await _service.DisposeAsync();
    }

    public static TheoryData<string, string> NoAnswers => new()
    {
        { "nothing", "" },
        { "another protocol", "SSH-2.0-internal-host\r\n\r\n" },
        { "half a status line", "HTTP/1.1 2" },
        { "no number", "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n" },
        { "a number of two digits", "HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n" },
        { "no status", "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n" },
        { "another version", "HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n" },
        { "half a head", Ok + "Content-Type: te" },
        { "a head without its end", Ok + "Content-Length: 0\r\n" },
        { "a header block too large", Ok + "X-Large: " + new string('x', 100_000) + "\r\nContent-Length: 0\r\n\r\n" },
        { "many headers too many", Ok + string.Concat(Enumerable.Repeat("X-Many: y\r\n", 10_000)) + "\r\n" },
        { "a line that is no header", Ok + "no header\r\nContent-Length: 0\r\n\r\n" },
        { "a blank in a name", Ok + "X A: b\r\nContent-Length: 0\r\n\r\n" },
        { "a control character", Ok + "X-A: a\u0001b\r\nContent-Length: 0\r\n\r\n" },
        { "two lengths", Ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!" },
        { "a negative length", Ok + "Content-Length: -1\r\n\r\nhi" },
        { "a length that is none", Ok + "Content-Length: two\r\n\r\nhi" },
        { "204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello" },
        { "204 in chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "205 with a body", "HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nhello" },
        { "205 in chunks", "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "a length and nothing more", Ok + "Content-Length: 5\r\nContent-Encoding: gzip\r\nSet-Cookie: half=1\r\n\r\n" },
        { "chunks and none", Chunked },
        { "a chunk that is none", Chunked + "zz\r\nhello\r\n0\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task What_is_no_answer_is_502_with_its_reason(string what, string answer)
    {
        _service.Answer = answer;
        foreach (var (kind, gateway, version) in Requests())
        {
            using var got = await gateway.Client.SendAsync(Request(kind, version), TestContext.Current.CancellationToken);

            Assert.Equal((what, kind, version, HttpStatusCode.BadGateway), (what, kind, version, got.StatusCode));
            Assert.Equal("upstream_unreachable", await TestSystem.ReasonAsync(got));
            Assert.Equal("no-store", got.Headers.CacheControl!.ToString());
            Assert.Single(got.Headers.GetValues("X-Request-Id"));
            Assert.False(got.Headers.Contains("Set-Cookie"));
            Assert.Empty(got.Content.Headers.ContentEncoding);
        }
    }

    public static TheoryData<string, string> HalfAnswers => new()
    {
        { "less than announced", Ok + "Content-Length: 10\r\n\r\nhello" },
        { "a chunk cut", Chunked + "a\r\nhello" },
        { "no last chunk", Chunked + "5\r\nhello\r\n" },
        { "half a last chunk", Chunked + "5\r\nhello\r\n0\r\n" },
        { "a chunk that is none behind one", Chunked + "5\r\nhello\r\nzz\r\n" },
    };

    [Theory]
    [MemberData(nameof(HalfAnswers))]
    public async Task Half_an_answer_never_looks_complete(string what, string answer)
    {
        _service.Answer = answer;
        foreach (var (kind, gateway, version) in Requests())
        {
            var failure = await Record.ExceptionAsync(async () =>
            {
                using var got = await gateway.Client.SendAsync(Request(kind, version), TestContext.Current.CancellationToken);
                if (got.StatusCode is HttpStatusCode.BadGateway) throw new HttpRequestException("not begun");
            });

            Assert.True(failure is HttpRequestException, $"{what} {kind} {version}: {failure}");
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204)]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204)]
    [InlineData("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n", 304)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200)]
    [InlineData("HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nhi", 299)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nto the end", 200)]
    public async Task An_answer_that_is_one_passes(string answer, int status)
    {
        _service.Answer = answer;
        foreach (var (kind, gateway, version) in Requests())
        {
            using var got = await gateway.Client.SendAsync(Request(kind, version), TestContext.Current.CancellationToken);

            Assert.Equal((kind, version, status), (kind, version, (int)got.StatusCode));
        }
    }

    private IEnumerable<(string Kind, TestSystem Gateway, Version Version)> Requests()
    {
        foreach (var kind in (string[])["plain/1", "transformed/1", "timed/1", "kratos/self-service/login/flows", "auth/login"])
        {
            yield return (kind, _http1, HttpVersion.Version11);
            yield return (kind, _http2, HttpVersion.Version20);
        }
    }

    private static HttpRequestMessage Request(string kind, Version version) =>
        new(HttpMethod.Get, "/" + kind) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
}
