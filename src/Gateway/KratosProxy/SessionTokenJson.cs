using System.Text.Json;
using Gateway.Sessions.Credentials;

namespace Gateway.KratosProxy;

/// <summary>Finds a session token in JSON that a client sends to Kratos or Kratos to a client.</summary>
internal static class SessionTokenJson
{
    /// <summary>As deep as Go reads.</summary>
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 10_000 };

    /// <summary>The first text of this name anywhere in an answer of Kratos.</summary>
    public static SessionCredential? Find(ReadOnlySpan<byte> body, string name)
    {
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            while (reader.Read())
            {
                var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (isEnd && reader.CurrentDepth == 0) return null;
                if (reader.TokenType is not JsonTokenType.PropertyName || !IsNamed(reader, name)) continue;
                if (reader.Read() && Text(reader) is { Length: > 0 } token) return new(CredentialKind.SessionToken, token);
            }
        }
        catch (JsonException)
        {
            // not JSON
        }
        return null;
    }

    /// <summary>
    /// The text of this name in what a client submits, as Kratos (Go's encoding/json) reads it: of the first value, which is an
    /// object; names in any case; of several of one name the last text. What stands behind that value does not count.
    /// </summary>
    public static SessionCredential? Submitted(ReadOnlySpan<byte> body, string name)
    {
        var reader = new Utf8JsonReader(body, Options);
        string? token = null;
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isNamed = IsNamed(reader, name);
                reader.Read();
                if (isNamed)
                    token = Text(reader) ?? token;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return null; // not JSON: Kratos says what is wrong with it
        }
        return string.IsNullOrEmpty(token) ? null : new(CredentialKind.SessionToken, token);
    }

    /// <summary>Null: no text, or one that is no Unicode, which no token is.</summary>
    private static string? Text(in Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName)) return null;
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsNamed(in Utf8JsonReader reader, string name) =>
        Text(reader) is { } text && text.Length == name.Length && text.Select(Fold).SequenceEqual(name);

    /// <summary>Go takes the long s and the Kelvin sign for the letters that they are in another case.</summary>
    private static char Fold(char c) => c switch
    {
        '\u017f' => 's',
        '\u212a' => 'k',
        _ => char.ToLowerInvariant(c),
    };
}
