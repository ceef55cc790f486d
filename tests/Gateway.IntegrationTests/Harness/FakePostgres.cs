using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.IntegrationTests.Harness;

/// <summary>At which of PostgreSQL's messages the server stops making sense.</summary>
public enum NonsenseAt
{
    /// <summary>When it is asked for TLS.</summary>
    Tls,

    /// <summary>When the client has said who it is.</summary>
    Login,

    /// <summary>When it is asked to do something.</summary>
    Command,

    /// <summary>When it has done it, and nobody asked.</summary>
    Idle,
}

/// <summary>A PostgreSQL that does well until a stage of a connection, and then sends given bytes and closes.</summary>
internal sealed class FakePostgres : IAsyncDisposable
{
    private const int TlsRequest = 80877103;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly NonsenseAt _stage;
    private readonly byte[] _nonsense;
    private int _connections;

    private FakePostgres(NonsenseAt stage, byte[] nonsense) => (_stage, _nonsense) = (stage, nonsense);

    public int Connections => Volatile.Read(ref _connections);

    public string ConnectionString =>
        $"Host=127.0.0.1;Port={((IPEndPoint)_listener.LocalEndpoint).Port};Username=a;Password=b;Database=c;"
        + "Server Compatibility Mode=NoTypeLoading";

    public static FakePostgres Start(NonsenseAt stage, byte[] nonsense)
    {
        var server = new FakePostgres(stage, nonsense);
        server._listener.Start();
        _ = server.AcceptAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            Interlocked.Increment(ref _connections);
            _ = AnswerAsync(client);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await TalkAsync(client.GetStream());
                await client.GetStream().WriteAsync(_nonsense, _stop.Token);
                client.Client.Shutdown(SocketShutdown.Send);
                await client.GetStream().CopyToAsync(Stream.Null, _stop.Token); // until the client has had enough
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // It is gone.
            }
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        var first = await StartAsync(stream);
        if (first == TlsRequest)
        {
            if (_stage is NonsenseAt.Tls) return;
            await stream.WriteAsync("N"u8.ToArray(), _stop.Token);
            await StartAsync(stream);
        }
        if (_stage is NonsenseAt.Tls or NonsenseAt.Login) return;
        await stream.WriteAsync(
            (byte[])[
                .. Message('R', [0, 0, 0, 0]), .. Parameter("server_version", "17.0"), .. Parameter("client_encoding", "UTF8"),
                .. Message('K', [0, 0, 0, 1, 0, 0, 0, 2]), .. Message('Z', "I"u8),
            ],
            _stop.Token);
        await stream.ReadAtLeastAsync(new byte[4096], 1, cancellationToken: _stop.Token);
        if (_stage is NonsenseAt.Command) return;
        await stream.WriteAsync(
            (byte[])[
                .. Message('1', []), .. Message('2', []), .. Message('n', []), .. Message('C', "LISTEN\0"u8),
                .. Message('Z', "I"u8),
            ],
            _stop.Token);
    }

    /// <summary>A message without a letter: the code of TLS, or the version of the protocol.</summary>
    private async Task<int> StartAsync(NetworkStream stream)
    {
        var head = new byte[8];
        await stream.ReadExactlyAsync(head, _stop.Token);
        await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(head) - head.Length], _stop.Token);
        return BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4));
    }

    private static byte[] Parameter(string name, string value) => Message('S', Encoding.UTF8.GetBytes($"{name}\0{value}\0"));

    public static byte[] Message(char letter, ReadOnlySpan<byte> body)
    {
        var message = new byte[5 + body.Length];
        message[0] = (byte)letter;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + body.Length);
        body.CopyTo(message.AsSpan(5));
        return message;
    }
}
