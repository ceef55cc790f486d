using Gateway.Decisions;

namespace Gateway.Kratos;

/// <summary>A session as Kratos' whoami described it, reduced to what is decided on.</summary>
internal sealed record KratosSession(
    string Id,
    string IdentityId,
    string SchemaId,
    AssuranceLevel AssuranceLevel,
    DateTimeOffset AuthenticatedAt,
    DateTimeOffset ExpiresAt,
    bool HasVerifiedEmail,
    IdentityTraits Traits);
