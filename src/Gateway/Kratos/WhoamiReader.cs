using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Decisions;

namespace Gateway.Kratos;

/// <summary>Reads the session of a whoami answer (Kratos v26.2.0).</summary>
internal static class WhoamiReader
{
    /// <summary>
    /// The verdict in a 200 answer. A session counts while it is active and not expired; whatever does not say who, whether
    /// active and until when is no session, and so no verdict.
    /// </summary>
    public static WhoamiAnswer Read(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        SessionJson? session;
        try
        {
            session = JsonSerializer.Deserialize(body, WhoamiJson.Default.SessionJson);
        }
        catch (JsonException)
        {
            return WhoamiAnswer.NoVerdict("Kratos' whoami answer is not readable");
        }

        if (session is not { Active: { } active, Id.Length: > 0, Identity.Id.Length: > 0, ExpiresAt: { } expiresAt })
            return WhoamiAnswer.NoVerdict("Kratos' whoami answer is not a session");
        if (!active || expiresAt <= now) return WhoamiAnswer.NoSession;

        var known = new KratosSession
        {
            Id = session.Id,
            IdentityId = session.Identity.Id,
            SchemaId = string.Intern(session.Identity.SchemaId ?? ""), // one of a few names
            AssuranceLevel = Level(session.AuthenticatorAssuranceLevel),
            AuthenticatedAt = session.AuthenticatedAt ?? DateTimeOffset.MinValue,
            ExpiresAt = expiresAt,
            VerifiedEmails = VerifiedEmails(session.Identity.VerifiableAddresses ?? []),
            Traits = new(session.Identity.Traits),
        };
        return new(WhoamiStatus.Active, known, Parse(body));
    }

    private static string[] VerifiedEmails(IReadOnlyList<AddressJson> addresses) =>
        [.. addresses.Where(address => address is { Verified: true, Via: "email" }).Select(address => address.Value ?? "")];

    private static JsonDocument Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return JsonDocument.ParseValue(ref reader);
    }

    private static AssuranceLevel Level(string? name) => name switch
    {
        "aal1" => AssuranceLevel.Aal1,
        "aal2" => AssuranceLevel.Aal2,
        _ => AssuranceLevel.Unknown,
    };
}

internal sealed record SessionJson(
    string? Id,
    bool? Active,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? AuthenticatedAt,
    string? AuthenticatorAssuranceLevel,
    IdentityJson? Identity);

internal sealed record IdentityJson(
    string? Id, string? SchemaId, JsonElement Traits, IReadOnlyList<AddressJson>? VerifiableAddresses);

internal sealed record AddressJson(bool Verified, string? Via, string? Value);

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
