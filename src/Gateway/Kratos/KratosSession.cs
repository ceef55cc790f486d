using Gateway.Decisions;

namespace Gateway.Kratos;

/// <summary>A session as Kratos' whoami described it, reduced to what is decided on.</summary>
internal sealed record KratosSession
{
    public required string Id { get; init; }

    public required string IdentityId { get; init; }

    public required string SchemaId { get; init; }

    public required AssuranceLevel AssuranceLevel { get; init; }

    public required DateTimeOffset AuthenticatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The e-mail addresses that somebody has shown to be theirs.</summary>
    public required IReadOnlyList<string> VerifiedEmails { get; init; }

    public required IdentityTraits Traits { get; init; }
}
