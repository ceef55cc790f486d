using System.Collections.Immutable;
using System.Text.Json;

namespace DevKratos.State;

/// <summary>A person. Immutable: every change is a new record in the store.</summary>
internal sealed record Identity
{
    public required Guid Id { get; init; }

    public required JsonElement Traits { get; init; }

    public string State { get; init; } = "active";

    public required DateTime StateChangedAt { get; init; }

    public JsonElement? MetadataPublic { get; init; }

    public JsonElement? MetadataAdmin { get; init; }

    public ImmutableArray<VerifiableAddress> VerifiableAddresses { get; init; } = [];

    public ImmutableArray<RecoveryAddress> RecoveryAddresses { get; init; } = [];

    public PasswordCredential? Password { get; init; }

    public TotpCredential? Totp { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required DateTime UpdatedAt { get; init; }

    public bool Active => State == "active";

    /// <summary>The login name: the e-mail address, compared without case.</summary>
    public string Identifier => TraitsSchema.Email(Traits)?.ToLowerInvariant() ?? "";

    /// <summary>With other traits. A changed address is a new one, which nobody has verified.</summary>
    public Identity WithTraits(JsonElement traits, DateTime now)
    {
        var changed = this with { Traits = traits };
        if (changed.Identifier == Identifier) return changed;
        return changed.WithAddress("pending", now);
    }

    /// <summary>With the address of its traits, just added.</summary>
    public Identity WithAddress(string status, DateTime now)
    {
        var email = TraitsSchema.Email(Traits) ?? "";
        return this with
        {
            VerifiableAddresses = [new VerifiableAddress(Guid.NewGuid(), email, Verified: false, status, now, now)],
            RecoveryAddresses = [new RecoveryAddress(Guid.NewGuid(), email, now, now)],
        };
    }
}

internal sealed record VerifiableAddress(
    Guid Id, string Value, bool Verified, string Status, DateTime CreatedAt, DateTime UpdatedAt)
{
    public DateTime? VerifiedAt { get; init; }
}

internal sealed record RecoveryAddress(Guid Id, string Value, DateTime CreatedAt, DateTime UpdatedAt);

internal sealed record PasswordCredential(string Hash, DateTime CreatedAt, DateTime UpdatedAt);

internal sealed record TotpCredential(string Secret, DateTime CreatedAt, DateTime UpdatedAt);
