using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// One HTTP/2 request by prior knowledge, its header block written literally, so that any byte can stand anywhere.
/// </summary>
internal static class RawHttp2
{
    private const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, GoAway = 7;
    private const byte EndStream = 1, EndHeaders = 4, Acknowledge = 1;

    /// <summary>The four pseudo-headers of an ordinary request, before anything else.</summary>
    public static (string, string)[] Get(Uri url, string path, params (string, string)[] more) =>
        [(":method", "GET"), (":scheme", "http"), (":authority", url.Authority), (":path", path), .. more];

    /// <summary>The answer's status, or 0 when the stream or the connection was refused. Names and values are Latin-1.</summary>
    public static async Task<int> SendAsync(Uri url, (string Name, string Value)[] headers, string? body = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(url.Host, url.Port, limit.Token);
        var stream = tcp.GetStream();
        try
        {
            await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), limit.Token);
            await stream.WriteAsync(Frame(Settings, 0, 0, []), limit.Token);
            await stream.WriteAsync(
                Frame(Headers, (byte)(EndHeaders | (body is null ? EndStream : 0)), 1, Block(headers)),
                limit.Token);
            if (body is not null)
                await stream.WriteAsync(Frame(Data, EndStream, 1, Encoding.Latin1.GetBytes(body)), limit.Token);
            while (true)
            {
                var head = new byte[9];
                await stream.ReadExactlyAsync(head, limit.Token);
                var payload = new byte[head[0] << 16 | head[1] << 8 | head[2]];
                await stream.ReadExactlyAsync(payload, limit.Token);
                switch (head[3])
                {
                    case Settings when head[4] != Acknowledge:
                        await stream.WriteAsync(Frame(Settings, Acknowledge, 0, []), limit.Token);
                        break;
                    case Headers:
                        return Status(payload);
                    case ResetStream or GoAway:
                        return 0;
                }
            }
        }
        catch (IOException)
        {
            return 0; // closed
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>RFC 7541 section 6.2.2: literal fields without indexing, names and values as plain octets.</summary>
    private static byte[] Block((string Name, string Value)[] headers)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            block.WriteByte(0);
            Write(name);
            Write(value);
        }
        return block.ToArray();

        void Write(string text)
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            if (bytes.Length < 127)
            {
                block.WriteByte((byte)bytes.Length);
            }
            else
            {
                block.WriteByte(127);
                var rest = bytes.Length - 127;
                for (; rest >= 128; rest >>= 7)
                    block.WriteByte((byte)(rest & 127 | 128));
                block.WriteByte((byte)rest);
            }
            block.Write(bytes);
        }
    }

    /// <summary>Kestrel writes <c>:status</c> first: from the static table, or literally with an indexed name.</summary>
    private static int Status(byte[] block) => block[0] switch
    {
        0x88 => 200,
        0x89 => 204,
        0x8a => 206,
        0x8b => 304,
        0x8c => 400,
        0x8d => 404,
        0x8e => 500,
        0x08 or 0x48 => int.Parse(
            Encoding.ASCII.GetString(block, 2, block[1]),
            System.Globalization.CultureInfo.InvariantCulture),
        var other => throw new InvalidOperationException($"A header block that starts with 0x{other:x2} is not understood here."),
    };
}
