using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Connections on which nothing is asked take nothing from those on which something is.</summary>
public sealed class IdleConnectionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("GET /private/x HTTP/1.1\r\nHost: a.test\r\nX-")]
    [InlineData("GET /public/x HTTP/1.1\r\nHost: a.test\r\n\r\n")]
    public async Task With_1024_open_files_1500_idle_connections_end_and_hang_nothing(string sent)
    {
        await using var system = await TestSystem.StartAsync();
        await using var gateway = await GatewayProcess.StartLimitedAsync(1024, system);
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/private/x", session.CookieHeader)).StatusCode);

        await using (var idle = await IdleConnections.OpenAsync(gateway.Url, 1_500, sent))
        {
            // Within the first second nobody has been idle long enough to make room.
            await TestSystem.UntilAsync(() => IsServedAsync(gateway.Url, session.CookieHeader));
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal(HttpStatusCode.OK, await NewClientAsync(gateway.Url, session.CookieHeader));
                Assert.Equal(HttpStatusCode.OK, await NewClientAsync(gateway.Management, path: "/health/ready"));
            }
            Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/private/x", session.CookieHeader)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await NewClientAsync(gateway.Url, session.CookieHeader));
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public async Task Who_is_at_work_keeps_its_place_and_who_is_idle_gives_it_to_a_newcomer()
    {
        await using var slow = await SlowService.StartAsync();
        await using var system = await TestSystem.StartAsync(
            ["--Network:MaxConnections=3"],
            TestSystem.DefaultYaml().Replace("{service}", slow.Url.ToString(), StringComparison.Ordinal));
        var waiting = system.GetAsync("/public/silent");
        await slow.AskedAsync();
        const string Upload = "POST /public/silent HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1";
        using var uploading = await ConnectAsync(system.Url, Upload);
        using var idle = await ConnectAsync(system.Url, "");
        await TestSystem.UntilAsync(async () => (await RawHttp.RequestAsync(system.Url, "/nowhere")).Status is 0);
        system.Time.Advance(TimeSpan.FromSeconds(2));

        // The idle one's, and then its own again and again.
        Assert.Equal(404, (await RawHttp.RequestAsync(system.Url, "/nowhere")).Status);
        Assert.Equal("", await RestAsync(idle));
        await TestSystem.UntilAsync(async () => (await RawHttp.RequestAsync(system.Url, "/nowhere")).Status is 404);

        slow.Continue();
        await uploading.WriteAsync("23456789"u8.ToArray(), Cancelled);
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        Assert.True(await uploading.ReadAsync(new byte[1], Cancelled) > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GET /public/x HTT")]
    [InlineData("GET /public/x HTTP/1.1\r\nHost: a.test\r\n")]
    [InlineData("GET /public/x HTTP/1.1\r\nHost: a.test\r\n\r\n")]
    public async Task A_connection_that_says_nothing_more_is_closed(string sent)
    {
        await using var system = await TestSystem.StartAsync(
            ["--Kestrel:Limits:KeepAliveTimeout=00:00:01", "--Kestrel:Limits:RequestHeadersTimeout=00:00:01"]);
        using var silent = await ConnectAsync(system.Url, sent);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        await silent.CopyToAsync(Stream.Null, limit.Token); // until it is closed
    }

    /// <summary>What comes until the connection is closed; a reset is a way of closing, too.</summary>
    private static async Task<string> RestAsync(NetworkStream stream)
    {
        using var rest = new MemoryStream();
        try
        {
            await stream.CopyToAsync(rest, Cancelled);
        }
        catch (IOException)
        {
            // Closed.
        }
        return Encoding.Latin1.GetString(rest.ToArray());
    }

    private static async Task<bool> IsServedAsync(Uri url, string cookie)
    {
        try
        {
            return await NewClientAsync(url, cookie) is HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<HttpStatusCode> NewClientAsync(Uri url, string? cookie = null, string path = "/private/x")
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = url };
        using var request = TestSystem.Request(HttpMethod.Get, path, $"Cookie: {cookie}");
        using var answer = await http.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    private static async Task<NetworkStream> ConnectAsync(Uri url, string sent)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(url.Host, url.Port, Cancelled);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(sent), Cancelled);
        return stream;
    }

    /// <summary>Many connections that send the same and then nothing more; those that are refused count, too.</summary>
    private sealed class IdleConnections : IAsyncDisposable
    {
        private readonly List<NetworkStream> _streams = [];

        public static async Task<IdleConnections> OpenAsync(Uri url, int count, string sent)
        {
            var all = new IdleConnections();
            for (var i = 0; i < count; i++)
            {
                try
                {
                    all._streams.Add(await ConnectAsync(url, sent));
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    // It had no place for it.
                }
            }
            return all;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var stream in _streams)
                await stream.DisposeAsync();
        }
    }
}
