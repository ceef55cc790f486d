using System.Text.Json;
using System.Text.RegularExpressions;

namespace DevKratos.State;

/// <summary>The one identity schema: Kratos' quickstart preset, an e-mail address and an optional name.</summary>
internal static partial class TraitsSchema
{
    public const string Id = "default";

    /// <summary>The last part of <c>schema_url</c>: base64url of the schema's id.</summary>
    public const string UrlPart = "ZGVmYXVsdA";

    public const string Text = """
        {"$id":"https://schemas.ory.sh/presets/kratos/quickstart/email-password/identity.schema.json","$schema":"http://json-schema.org/draft-07/schema#","title":"Person","type":"object","properties":{"traits":{"type":"object","properties":{"email":{"type":"string","format":"email","title":"E-Mail","minLength":3,"ory.sh/kratos":{"credentials":{"password":{"identifier":true},"totp":{"account_name":true}},"verification":{"via":"email"},"recovery":{"via":"email"}}},"name":{"type":"object","properties":{"first":{"title":"First Name","type":"string"},"last":{"title":"Last Name","type":"string"}}}},"required":["email"],"additionalProperties":false}}}
        """;

    public static string? Email(JsonElement traits) => Member(traits, "email");

    public static string? FirstName(JsonElement traits) => Name(traits, "first");

    public static string? LastName(JsonElement traits) => Name(traits, "last");

    public static bool IsEmail(string value) => EmailShape().IsMatch(value);

    /// <summary>Null when the traits fit the schema, else the words Kratos' validator uses.</summary>
    public static string? Complaint(JsonElement traits)
    {
        List<string> causes = [];
        if (traits.ValueKind != JsonValueKind.Object) return "I[#/traits] S[#/properties/traits/type] expected object";
        if (!traits.TryGetProperty("email", out var email))
            causes.Add("I[#/traits] S[#/properties/traits/required] missing properties: \"email\"");
        else if (email.ValueKind != JsonValueKind.String)
            causes.Add("I[#/traits/email] S[#/properties/traits/properties/email/type] expected string");
        else if (!IsEmail(email.GetString()!))
            causes.Add(
                $"I[#/traits/email] S[#/properties/traits/properties/email/format] \"{email.GetString()}\" is not valid "
                    + $"\"email\"");

        foreach (var member in traits.EnumerateObject())
        {
            if (member.Name is "email" or "name") continue;
            causes.Add(
                $"I[#/traits] S[#/properties/traits/additionalProperties] additionalProperties \"{member.Name}\" not allowed");
        }

        return causes.Count == 0
            ? null
            : "I[#/traits] S[#/properties/traits] validation failed\n  " + string.Join("\n  ", causes);
    }

    private static string? Name(JsonElement traits, string part) =>
        traits.ValueKind == JsonValueKind.Object && traits.TryGetProperty("name", out var name) ? Member(name, part) : null;

    private static string? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+$")]
    private static partial Regex EmailShape();
}
