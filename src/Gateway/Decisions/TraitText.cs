using System.Text.Json;

namespace Gateway.Decisions;

/// <summary>Texts of a session's JSON.</summary>
internal static class TraitText
{
    /// <summary>
    /// The text, or null when it holds half a character (<c>\ud800</c> alone): JSON can write that, but no text can hold
    /// it.
    /// </summary>
    public static string? TextOrNull(this JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
