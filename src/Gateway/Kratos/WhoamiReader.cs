using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Kratos;

/// <summary>Reads the session of a whoami answer (Kratos v26.2.0).</summary>
internal static class WhoamiReader
{
    /// <summary>
    /// The verdict in a 200 answer. A session counts only when it is active, not expired and names its identity;
    /// an unreadable body is no verdict.
    /// </summary>
    public static WhoamiAnswer Read(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        JsonElement json;
        SessionJson? session;
        try
        {
            var reader = new Utf8JsonReader(body);
            json = JsonElement.ParseValue(ref reader);
            reader.Read(); // throws when something follows
            session = json.ValueKind is JsonValueKind.Object ? json.Deserialize(WhoamiJson.Default.SessionJson) : null;
        }
        catch (JsonException)
        {
            return WhoamiAnswer.NoVerdict("Kratos' whoami answer is not readable");
        }

        if (session is null) return WhoamiAnswer.NoVerdict("Kratos' whoami answer is not a session");
        if (session is not { Active: true, Id.Length: > 0, Identity.Id.Length: > 0, ExpiresAt: { } expiresAt } || expiresAt <= now)
            return WhoamiAnswer.NoSession;

        return new(WhoamiStatus.Active, new KratosSession(
            session.Id,
            session.Identity.Id,
            string.Intern(session.Identity.SchemaId ?? ""), // one of a few names
            Level(session.AuthenticatorAssuranceLevel),
            session.AuthenticatedAt ?? DateTimeOffset.MinValue,
            expiresAt,
            session.Identity.VerifiableAddresses?.Any(a => a is { Verified: true, Via: "email" }) ?? false,
            session.Identity.Traits.ValueKind is JsonValueKind.Undefined ? default : session.Identity.Traits.Clone()), json);
    }

    private static AssuranceLevel Level(string? name) => name switch
    {
        "aal1" => AssuranceLevel.Aal1,
        "aal2" => AssuranceLevel.Aal2,
        _ => AssuranceLevel.Unknown,
    };
}

internal sealed record SessionJson(string? Id, bool? Active, DateTimeOffset? ExpiresAt, DateTimeOffset? AuthenticatedAt, string? AuthenticatorAssuranceLevel, IdentityJson? Identity);

internal sealed record IdentityJson(string? Id, string? SchemaId, JsonElement Traits, IReadOnlyList<AddressJson>? VerifiableAddresses);

internal sealed record AddressJson(bool Verified, string? Via);

internal sealed record ErrorEnvelopeJson(ErrorJson? Error);

internal sealed record ErrorJson(string? Id);

internal sealed record FlowJson(FlowUiJson? Ui);

internal sealed record FlowUiJson(IReadOnlyList<FlowNodeJson>? Nodes);

internal sealed record FlowNodeJson(string? Group);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionJson))]
[JsonSerializable(typeof(ErrorEnvelopeJson))]
[JsonSerializable(typeof(FlowJson))]
internal sealed partial class WhoamiJson : JsonSerializerContext;
