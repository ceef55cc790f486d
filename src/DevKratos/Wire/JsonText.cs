using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DevKratos.Wire;

/// <summary>
/// Writes JSON as Kratos does: UTF-8, no indentation, times with as many fraction digits as they have, a line feed at the end.
/// </summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true
    };

    public static ReadOnlyMemory<byte> Of(Action<Utf8JsonWriter> write, bool lineFeed = true)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, Options))
            write(json);
        if (lineFeed)
            buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    public static JsonElement Element(Action<Utf8JsonWriter> write)
    {
        using var document = JsonDocument.Parse(Of(write, lineFeed: false));
        return document.RootElement.Clone();
    }

    public static JsonElement Element(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public static void WriteValue(this Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteString(name, text);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case DateTime time:
                json.WriteString(name, time);
                break;
            case Guid id:
                json.WriteString(name, id);
                break;
            default: throw new ArgumentException($"No JSON for {value.GetType()}", nameof(value));
        }
    }

    public static void WriteElement(this Utf8JsonWriter json, string name, JsonElement? value)
    {
        json.WritePropertyName(name);
        if (value is { } element)
            element.WriteTo(json);
        else
            json.WriteNullValue();
    }
}
