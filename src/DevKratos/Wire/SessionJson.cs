using System.Text.Json;
using DevKratos.State;

namespace DevKratos.Wire;

/// <summary>Which members of an identity an answer has.</summary>
internal enum IdentityView
{
    /// <summary>No <c>metadata_admin</c>, no credentials: what the person may see.</summary>
    Public,

    /// <summary>A list of sessions: not even the addresses.</summary>
    InSessionList,

    AdminList,

    /// <summary>With the credentials' names and times, never their secrets.</summary>
    AdminOne,
}

/// <summary>Sessions and identities on the wire.</summary>
internal sealed class SessionJson(Func<Uri> publicBase)
{
    public void Write(
        Utf8JsonWriter json,
        Session session,
        Identity? identity,
        bool active,
        IdentityView view = IdentityView.Public,
        bool devices = true,
        bool devicesNull = false,
        string? schemaUrl = null)
    {
        json.WriteStartObject();
        json.WriteString("id", session.Id);
        json.WriteBoolean("active", active);
        json.WriteString("expires_at", session.ExpiresAt);
        json.WriteString("authenticated_at", session.AuthenticatedAt);
        json.WriteString("authenticator_assurance_level", session.Aal);
        json.WriteStartArray("authentication_methods");
        foreach (var method in session.Methods)
        {
            json.WriteStartObject();
            json.WriteString("method", method.Method);
            json.WriteString("aal", method.Aal);
            json.WriteString("completed_at", method.CompletedAt);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("issued_at", session.IssuedAt);
        json.WritePropertyName("identity");
        if (identity is null)
            json.WriteNullValue();
        else
            Write(json, identity, view, schemaUrl);
        WriteDevices(json, session, devices, devicesNull);
        json.WriteEndObject();
    }

    public void Write(Utf8JsonWriter json, Identity identity, IdentityView view, string? schemaUrl = null)
    {
        json.WriteStartObject();
        json.WriteString("id", identity.Id);
        if (view == IdentityView.AdminOne)
            WriteCredentials(json, identity);
        json.WriteString("schema_id", TraitsSchema.Id);
        json.WriteString("schema_url", schemaUrl ?? new Uri(publicBase(), "schemas/" + TraitsSchema.UrlPart).AbsoluteUri);
        json.WriteString("state", identity.State);
        json.WriteString("state_changed_at", identity.StateChangedAt);
        json.WriteElement("traits", identity.Traits);
        if (view != IdentityView.InSessionList)
            WriteAddresses(json, identity);
        json.WriteElement("metadata_public", identity.MetadataPublic);
        if (view is IdentityView.AdminList or IdentityView.AdminOne)
            json.WriteElement("metadata_admin", identity.MetadataAdmin);
        json.WriteString("created_at", identity.CreatedAt);
        json.WriteString("updated_at", identity.UpdatedAt);
        json.WriteNull("organization_id");
        json.WriteEndObject();
    }

    private static void WriteAddresses(Utf8JsonWriter json, Identity identity)
    {
        json.WriteStartArray("verifiable_addresses");
        foreach (var address in identity.VerifiableAddresses)
        {
            json.WriteStartObject();
            json.WriteString("id", address.Id);
            json.WriteString("value", address.Value);
            json.WriteBoolean("verified", address.Verified);
            json.WriteString("via", "email");
            json.WriteString("status", address.Status);
            if (address.VerifiedAt is { } at)
                json.WriteString("verified_at", at);
            json.WriteString("created_at", address.CreatedAt);
            json.WriteString("updated_at", address.UpdatedAt);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("recovery_addresses");
        foreach (var address in identity.RecoveryAddresses)
        {
            json.WriteStartObject();
            json.WriteString("id", address.Id);
            json.WriteString("value", address.Value);
            json.WriteString("via", "email");
            json.WriteString("created_at", address.CreatedAt);
            json.WriteString("updated_at", address.UpdatedAt);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCredentials(Utf8JsonWriter json, Identity identity)
    {
        json.WriteStartObject("credentials");
        if (identity.Password is { } password)
            Credential("password", identity.Identifier, password.CreatedAt, password.UpdatedAt);
        if (identity.Totp is { } totp)
            Credential("totp", identity.Id.ToString(), totp.CreatedAt, totp.UpdatedAt);
        json.WriteEndObject();

        void Credential(string type, string identifier, DateTime created, DateTime updated)
        {
            json.WriteStartObject(type);
            json.WriteString("type", type);
            json.WriteStartArray("identifiers");
            json.WriteStringValue(identifier);
            json.WriteEndArray();
            json.WriteNumber("version", 0);
            json.WriteString("created_at", created);
            json.WriteString("updated_at", updated);
            json.WriteEndObject();
        }
    }

    private static void WriteDevices(Utf8JsonWriter json, Session session, bool devices, bool devicesNull)
    {
        if (devicesNull)
        {
            json.WriteNull("devices");
            return;
        }

        json.WriteStartArray("devices");
        foreach (var device in devices ? session.Devices : [])
        {
            json.WriteStartObject();
            json.WriteString("id", device.Id);
            json.WriteString("ip_address", device.IpAddress);
            json.WriteString("user_agent", device.UserAgent);
            json.WriteString("location", "");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
