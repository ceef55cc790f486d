using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DevKratos.ContractTests.Support;

/// <summary>Replaces what changes from run to run by a name, so that two answers can be compared line by line.</summary>
internal static class Normal
{
    private static readonly (Regex Pattern, string Name)[] Rules =
    [
        (new(@"data:image/png;base64,[A-Za-z0-9+/=]+"), "<image>"),
        (new(@"page_token=[A-Za-z0-9_-]+"), "page_token=<token>"),
        (new(@"csrf_token_[0-9a-f]{64}=[A-Za-z0-9+/]{43}="), "csrf_token_<hash>=<secret>"),
        (new(@"ory_kratos_session=[A-Za-z0-9_=-]{200,}"), "ory_kratos_session=<cookie>"),
        (new(@"ory_kratos_continuity=[A-Za-z0-9_=-]+"), "ory_kratos_continuity=<cookie>"),
        (new(@"Expires=(?!Thu, 01 Jan 1970)[A-Za-z0-9,: ]+GMT"), "Expires=<date>"),
        (new(@"Expires=<date>; Max-Age=\d+"), "Expires=<date>; Max-Age=<lifespan>"),
        (new(@"ory_st_[A-Za-z0-9]{32}"), "<session-token>"),
        (new(@"ory_lo_[A-Za-z0-9]{32}"), "<logout-token>"),
        (new(@"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}=="), "<csrf-token>"),
        (new(@"(?!0001-)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
        (new(@"00000000-0000-0000-0000-000000000000"), "<nil>"),
        (new(@"return_to=[^&""\s]*self-service%2Fsettings[^&""\s]*"), "return_to=<settings-flow>"),
        (new(@"(?<=aal=aal2&)return_to=[^&""\s]+"), "return_to=<return-to>"),
        (new(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
        (new(@"[A-Za-z0-9._-]+@example\.org"), "<email>"),
        (new(@"(?<![A-Z2-7])[A-Z2-7]{32}(?![A-Z2-7])"), "<totp-secret>"),
        (new(@"https?://[A-Za-z0-9.:-]+(?:/[a-z]+)?/(self-service/|schemas/)"), "{public}/$1"),
        (new(@"https?://[A-Za-z0-9.:-]+/((?:admin/)?identities)"), "{admin}/$1"),
        (new(
            @"https?://[A-Za-z0-9.:-]+(?:/auth)?/(login|registration|settings|verification|recovery|welcome|error)\b"),
            "{ui}/$1"),
        (new(@"\d+\.\d\d minutes ago"), "<n> minutes ago"),
        (new(@"(?<=return_to=)http[^&""\s]+?(?=%2Fapp)"), "http%3A%2F%2F127.0.0.1%3A4455"),
    ];

    public static string Text(string value)
    {
        foreach (var (pattern, name) in Rules)
            value = pattern.Replace(value, name);
        return value;
    }

    /// <summary>Indented, members in alphabetical order, every string normal.</summary>
    public static string Json(JsonElement json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(writer, json, "");
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>
    /// Backup codes are a matter of configuration, and DevKratos has none: their form elements are compared nowhere.
    /// </summary>
    private static bool IsLookupSecret(JsonElement node) =>
        node.ValueKind == JsonValueKind.Object
            && node.TryGetProperty("group", out var group)
            && group.ValueEquals("lookup_secret");

    private static void Write(Utf8JsonWriter writer, JsonElement json, string member)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in json.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, property.Name);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray().Where(i => !IsLookupSecret(i)))
                    Write(writer, item, member);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String when member is "ip_address":
                writer.WriteStringValue("<address>");
                break;
            case JsonValueKind.String when member is "user_agent":
                writer.WriteStringValue("<agent>");
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Text(json.GetString()!));
                break;
            case JsonValueKind.Number when member is "since":
                writer.WriteNumberValue(0);
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }
}
