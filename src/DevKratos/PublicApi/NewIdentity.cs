using System.Text.Json;
using DevKratos.State;

namespace DevKratos.PublicApi;

/// <summary>Makes the record of a new person: by registration, by the admin API, or for a test.</summary>
internal static class NewIdentity
{
    public static Identity From(
        DateTime now, JsonElement traits,
        string? password,
        string addressStatus,
        JsonElement? metadataPublic = null,
        JsonElement? metadataAdmin = null)
    {
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
        }.WithAddress(addressStatus, now);
    }
}
