using System.Text.Json;
using Gateway.Sessions.Credentials;

namespace Gateway.KratosProxy;

/// <summary>Finds a session token in JSON that a client sends to Kratos or Kratos to a client.</summary>
internal static class SessionTokenJson
{
    /// <summary>
    /// The first text of this name anywhere in the first value of <paramref name="body"/>, as Go reads it: case does not
    /// count, nor what follows the value.
    /// </summary>
    public static SessionCredential? Find(ReadOnlySpan<byte> body, string name)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            while (reader.Read())
            {
                var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (isEnd && reader.CurrentDepth == 0) return null;
                if (reader.TokenType is not JsonTokenType.PropertyName) continue;
                if (!string.Equals(reader.GetString(), name, StringComparison.OrdinalIgnoreCase)) continue;
                if (reader.Read() && reader.TokenType is JsonTokenType.String && reader.GetString() is { Length: > 0 } token)
                    return new(CredentialKind.SessionToken, token);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: text that is no Unicode
        {
            // not JSON: Kratos says what is wrong with it
        }
        return null;
    }
}
