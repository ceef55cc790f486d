using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Gateway.Telemetry;

/// <summary>
/// Flat JSON objects, one a line, in a buffer that is reused. The access log's text is plain ASCII but for rare paths, so
/// it is copied instead of being looked at character by character as <c>Utf8JsonWriter</c> does; what needs escaping goes
/// through the framework's encoder.
/// </summary>
internal sealed class JsonLines
{
    /// <summary>Room for a number or a time.</summary>
    private const int Short = 40;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(IsPlain)]);

    /// <summary>A buffer that grew beyond this is given back when it is emptied.</summary>
    private const int Keep = 1024 * 1024;

    private byte[] _buffer = new byte[4 * 1024];
    private int _length;

    /// <summary>How many lines, or events, are in it.</summary>
    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Clear()
    {
        _length = 0;
        Count = 0;
        if (_buffer.Length > Keep)
            _buffer = new byte[Keep];
    }

    /// <param name="name">The name in its quotes, with the colon: <c>"name":</c>.</param>
    public void Text(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null) return;
        Name(name);
        if (value.AsSpan().ContainsAnyExcept(Plain))
            value = JavaScriptEncoder.Default.Encode(value);
        var room = Room(value.Length + 2);
        room[0] = (byte)'"';
        Ascii.FromUtf16(value, room[1..], out _);
        room[value.Length + 1] = (byte)'"';
        _length += value.Length + 2;
    }

    public void Number(ReadOnlySpan<byte> name, long value) => Format(name, value, "", []);

    /// <summary>ISO 8601 in UTC.</summary>
    public void Time(ReadOnlySpan<byte> name, DateTimeOffset value) => Format(name, value.UtcDateTime, "O", "\""u8);

    /// <summary>Ends the line that the members before have begun.</summary>
    public void End()
    {
        Append("}\n"u8);
        Count++;
    }

    /// <summary>An event that somebody else has formatted, its line ends included.</summary>
    public void Event(string text)
    {
        _length += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetByteCount(text)));
        Count++;
    }

    private static bool IsPlain(char c) => JavaScriptEncoder.Default.Encode(c.ToString()).Length == 1;

    private void Format<T>(ReadOnlySpan<byte> name, T value, string format, ReadOnlySpan<byte> quote)
        where T : IUtf8SpanFormattable
    {
        Name(name);
        Append(quote);
        value.TryFormat(Room(Short), out var length, format, CultureInfo.InvariantCulture);
        _length += length;
        Append(quote);
    }

    private void Name(ReadOnlySpan<byte> name)
    {
        Append(_length == 0 || _buffer[_length - 1] is (byte)'\n' ? "{"u8 : ","u8);
        Append(name);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    private Span<byte> Room(int length)
    {
        if (_buffer.Length - _length < length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + length));
        return _buffer.AsSpan(_length);
    }
}
