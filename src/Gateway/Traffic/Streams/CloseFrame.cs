using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Traffic.Streams;

/// <summary>The frame that closes a WebSocket with a code and its reason (RFC 6455 section 5.5.1).</summary>
internal static class CloseFrame
{
    private const byte Final = 0x80, Close = 8, Masked = 0x80;
    private const int Head = 2, Key = 4, Code = 2;

    /// <summary>To a client: not masked.</summary>
    public static byte[] Of(StreamEnd end)
    {
        var payload = Payload(end);
        return [Final | Close, (byte)payload.Length, .. payload];
    }

    /// <summary>To a service: masked with a key that nobody knows before (section 5.3). Returns its length.</summary>
    public static int WriteMasked(StreamEnd end, Span<byte> buffer)
    {
        var payload = Payload(end);
        buffer[0] = Final | Close;
        buffer[1] = (byte)(Masked | payload.Length);
        var key = buffer.Slice(Head, Key);
        RandomNumberGenerator.Fill(key);
        var masked = buffer.Slice(Head + Key, payload.Length);
        for (var i = 0; i < payload.Length; i++)
            masked[i] = (byte)(payload[i] ^ key[i % Key]);
        return Head + Key + payload.Length;
    }

    private static byte[] Payload(StreamEnd end)
    {
        var name = end.Name();
        var payload = new byte[Code + name.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, end.CloseCode());
        Encoding.ASCII.GetBytes(name, payload.AsSpan(Code));
        return payload;
    }
}
