using System.Text.Json.Serialization;

namespace Gateway.Denials;

/// <summary>Ory's error shape.</summary>
internal sealed record DenialBody(DenialError Error, string? RedirectBrowserTo);

internal sealed record DenialError(string Id, int Code, string Status, string Message, string Reason, string Request);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DenialBody))]
internal sealed partial class DenialJson : JsonSerializerContext;
