using System.Text;
using Microsoft.Net.Http.Headers;

namespace Gateway.Forwarding;

/// <summary>
/// Has Kestrel keep the Connection header whole. Of a list in which it knows one option (<c>close, X-Foo</c>) it leaves that
/// option alone, so that nobody would see what else the client ties to its connection; of a list in which it knows two it
/// leaves all. So two more stand in a list with an option that is not Kestrel's own, and that connection is closed behind its
/// answer.
/// </summary>
internal sealed class ConnectionListEncoding : Encoding
{
    private const string Kept = ", close, keep-alive";

    private static readonly ConnectionListEncoding Instance = new();

    /// <summary>For <c>KestrelServerOptions.RequestHeaderEncodingSelector</c>: null is Kestrel's own encoding.</summary>
    public static Encoding? Of(string header) =>
        header.Equals(HeaderNames.Connection, StringComparison.OrdinalIgnoreCase) ? Instance : null;

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => Read(bytes.AsSpan(index, count)).Length;

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var text = Read(bytes.AsSpan(byteIndex, byteCount));
        text.CopyTo(chars.AsSpan(charIndex));
        return text.Length;
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount + Kept.Length;

    /// <exception cref="DecoderFallbackException">It is no list of names: Kestrel answers 400.</exception>
    private static string Read(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            if (b is not (byte)'\t' and (< (byte)' ' or > (byte)'~'))
                throw new DecoderFallbackException("Connection holds a character that no name has.");
        var text = Latin1.GetString(bytes);
        return HopByHopHeaders.HasOnlyOrdinary(text) ? text : text + Kept;
    }
}
