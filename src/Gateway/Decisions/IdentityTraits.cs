using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gateway.Decisions;

/// <summary>
/// An identity's traits: text until a rule first asks for one, because most sessions' are never asked for, and parsed they
/// take three times the memory.
/// </summary>
internal sealed class IdentityTraits(JsonElement traits)
{
    /// <summary>UTF-8 text, then a <see cref="JsonElement"/>; nothing when there are no traits.</summary>
    private object? _json = traits.ValueKind is JsonValueKind.Undefined ? null : JsonMarshal.GetRawUtf8Value(traits).ToArray();

    /// <summary>Undefined when there are none.</summary>
    public JsonElement Json => _json switch
    {
        JsonElement parsed => parsed,
        byte[] text => Parse(text),
        _ => default,
    };

    private JsonElement Parse(byte[] text)
    {
        var parsed = JsonElement.Parse(text);
        _json = parsed;
        return parsed;
    }
}
