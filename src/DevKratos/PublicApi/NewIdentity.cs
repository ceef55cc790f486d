using System.Text.Json;
using DevKratos.Core;
using DevKratos.State;

namespace DevKratos.PublicApi;

/// <summary>Makes the record of a new person: by registration, by the admin API, or for a test.</summary>
internal sealed class NewIdentity(KratosCore core)
{
    public Identity From(
        JsonElement traits,
        string? password,
        string addressStatus,
        JsonElement? metadataPublic = null,
        JsonElement? metadataAdmin = null)
    {
        var now = core.Now;
        var email = TraitsSchema.Email(traits) ?? "";
        return new Identity
        {
            Id = Guid.NewGuid(),
            Traits = traits,
            StateChangedAt = now,
            CreatedAt = now,
            UpdatedAt = now,
            MetadataPublic = metadataPublic,
            MetadataAdmin = metadataAdmin,
            Password = password is null ? null : new PasswordCredential(PasswordHash.Create(password), now, now),
            VerifiableAddresses =
            [
                new VerifiableAddress(Guid.NewGuid(), email, Verified: false, addressStatus, VerifiedAt: null, now, now),
            ],
            RecoveryAddresses = [new RecoveryAddress(Guid.NewGuid(), email, now, now)],
        };
    }
}
