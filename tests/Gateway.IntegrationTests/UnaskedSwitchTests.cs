using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>A service may switch protocols only as it was asked to.</summary>
public sealed class UnaskedSwitchTests
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private const string Version = "Sec-WebSocket-Version: 13\r\n";
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    private const string Spdy = "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n";
    private const string Handshake = $"{Upgrade}{Version}Sec-WebSocket-Key: {Key}\r\n";
    private const string Accept = "Sec-WebSocket-Accept: {accept}\r\n";

    /// <summary>What a client sends, and a 101 it did not ask for. <c>{accept}</c> is right for <see cref="Key"/>.</summary>
    public static TheoryData<string, string, string> UnaskedSwitches => new()
    {
        { "GET", "", Upgrade + Accept },
        { "GET", "Connection: Upgrade\r\n", Upgrade + Accept },
        { "GET", Spdy, Spdy },
        { "GET", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n" },
        { "GET", Upgrade, Upgrade + Accept },
        { "POST", "Connection: Upgrade\r\n", Upgrade },
        { "POST", "Content-Length: 0\r\n", Upgrade },
        { "OPTIONS", "", "" },
        { "GET", Handshake, "" },
        { "GET", Handshake, Upgrade },
        { "GET", Handshake, "Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n" },
        { "GET", Handshake, "Upgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n" },
        { "GET", Handshake, "Connection: Upgrade\r\nUpgrade: foo\r\nSec-WebSocket-Accept: {accept}\r\n" },
        { "GET", Handshake, "Connection: Upgrade\r\nUpgrade: websocket, foo\r\nSec-WebSocket-Accept: {accept}\r\n" },
        { "GET", Handshake, Upgrade + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n" },
        { "GET", Handshake, Upgrade + Accept + Accept },
    };

    [Theory]
    [MemberData(nameof(UnaskedSwitches))]
    public async Task A_service_that_switches_protocols_unasked_has_failed(string method, string headers, string switched)
    {
        foreach (var kind in (string[])["plain", "transformed", "kratos", "auth"])
        {
            var answer = await AnswerOfAsync(kind, method, headers, switched);

            Assert.Equal((kind, 502), (kind, answer.Status));
            Assert.DoesNotContain("Sec-WebSocket-Accept", answer.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Upgrade", answer.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData(Upgrade + Accept)]
    [InlineData("connection: keep-alive, upgrade\r\nupgrade: WebSocket\r\nsec-websocket-accept: {accept}\r\nX-Other: 1\r\n")]
    public async Task A_service_that_switches_as_it_was_asked_has_not_failed(string switched)
    {
        foreach (var kind in (string[])["plain", "transformed", "kratos", "auth"])
        {
            var answer = await AnswerOfAsync(kind, "GET", Handshake, switched);

            Assert.Equal((kind, 101), (kind, answer.Status));
        }
    }

    /// <summary>The answer to one request whose service answers 101 with these headers.</summary>
    private static async Task<RawAnswer> AnswerOfAsync(string kind, string method, string headers, string switched)
    {
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        var url = $"http://{service.LocalEndpoint}";
        var accept = Convert.ToBase64String(Sha1(Key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
        using var stop = new CancellationTokenSource();
        var head = $"HTTP/1.1 101 Switching Protocols\r\n{switched.Replace("{accept}", accept, StringComparison.Ordinal)}\r\n";
        var answering = SwitchAsync(service, head, stop.Token);
        var yaml = RawService.Routes(url);
        await using var gateway = await TestSystem.StartAsync([$"--Kratos:PublicUrl={url}", $"--SelfService:Url={url}"], yaml);
        var path = kind switch
        {
            "kratos" => "/kratos/self-service/login/flows",
            "auth" => "/auth/login",
            _ => $"/{kind}/1",
        };

        var request = $"{method} {path} HTTP/1.1\r\nHost: {gateway.Url.Authority}\r\n{headers}\r\n";
        var answer = await RawHttp.HeadAsync(gateway.Url, request);
        await stop.CancelAsync();
        await answering;
        return answer;
    }

    private static readonly byte[] NoSession = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private static async Task SwitchAsync(TcpListener service, string answer, CancellationToken stop)
    {
        List<TcpClient> open = [];
        try
        {
            while (true)
            {
                var client = await service.AcceptTcpClientAsync(stop);
                open.Add(client);
                // The gateway writes a bodyless request at once and whole.
                var request = new byte[64 * 1024];
                await client.GetStream().ReadAtLeastAsync(request, 1, cancellationToken: stop);
                // The gateway's own question to whoever stands in Kratos' place.
                var isCheck = request.AsSpan().StartsWith("GET /sessions/whoami "u8);
                await client.GetStream().WriteAsync(isCheck ? NoSession : Encoding.Latin1.GetBytes(answer), stop);
            }
        }
        catch (OperationCanceledException)
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private static byte[] Sha1(string text)
    {
#pragma warning disable CA5350 // RFC 6455 section 4.2.2 asks for SHA-1
        return SHA1.HashData(Encoding.ASCII.GetBytes(text));
#pragma warning restore CA5350
    }
}
