namespace Gateway.Kratos;

/// <summary>
/// Authenticator assurance level; a level this version does not know counts as none, so that no rule is met by it.
/// </summary>
internal enum AssuranceLevel { Unknown, Aal1, Aal2 }

/// <summary>A session as Kratos' whoami described it, reduced to what rules decide on.</summary>
internal sealed record KratosSession(
    string Id,
    string IdentityId,
    string SchemaId,
    AssuranceLevel AssuranceLevel,
    DateTimeOffset AuthenticatedAt,
    DateTimeOffset ExpiresAt,
    bool HasVerifiedEmail,
    IdentityTraits Traits);
