using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A service that answers every request with the bytes it was told last, whatever they are, and closes. Text is Latin-1. Where
/// the gateway asks it who it is, it plays Kratos.
/// </summary>
internal sealed class RawService : IAsyncDisposable
{
    private const string NoSession = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public RawService()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public string Answer { get; set; } = "";

    /// <summary>Public routes to such a service: <c>/plain</c>, <c>/transformed</c> and <c>/timed</c>.</summary>
    public static string Routes(string url) =>
        $$"""
        ReverseProxy:
          Routes:
            plain: { ClusterId: raw, AuthorizationPolicy: anonymous, Match: { Path: "/plain/{**rest}" } }
            transformed:
              ClusterId: raw
              AuthorizationPolicy: anonymous
              Match: { Path: "/transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            timed: { ClusterId: raw, AuthorizationPolicy: anonymous, Timeout: 1h, Match: { Path: "/timed/{**rest}" } }
          Clusters: { raw: { Destinations: { a: { Address: "{{url}}" } } } }
        """;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> answering = [];
        try
        {
            while (true)
                answering.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(answering); // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var peer = client;
        try
        {
            var stream = peer.GetStream();
            var request = new byte[64 * 1024];
            // The gateway writes a bodyless request at once and whole.
            var length = await stream.ReadAsync(request, _stop.Token);
            if (length == 0) return;
            var isCheck = request.AsSpan().StartsWith("GET /sessions/whoami "u8);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(isCheck ? NoSession : Answer), _stop.Token);
            peer.Client.Shutdown(SocketShutdown.Send);
            while (await stream.ReadAsync(request, _stop.Token) > 0)
                continue; // else a reset could overtake the answer
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The gateway had enough of it, or the test is over.
        }
    }
}
