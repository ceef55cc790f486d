using System.Diagnostics;
using Gateway.Sessions.Credentials;

namespace Gateway.Sessions.Revocations;

internal enum RevocationKind
{
    /// <summary>More was revoked than could be listed.</summary>
    Everything,

    /// <summary>A sign of life.</summary>
    Nothing,

    /// <summary>A credential, by its hash.</summary>
    Credential,

    Session,
    Identity,
}

/// <summary>What was revoked. Its text travels between replicas, also those of other versions.</summary>
internal sealed record Revocation(RevocationKind Kind, string Id)
{
    public static readonly Revocation Everything = new(RevocationKind.Everything, "");

    public static readonly Revocation Nothing = new(RevocationKind.Nothing, "");

    public string Text => $"{Letter}:{Id}";

    private char Letter => Kind switch
    {
        RevocationKind.Everything => '*',
        RevocationKind.Nothing => '-',
        RevocationKind.Credential => 'c',
        RevocationKind.Session => 's',
        RevocationKind.Identity => 'i',
        _ => throw new UnreachableException(),
    };

    public static Revocation Credential(CredentialKey key) => new(RevocationKind.Credential, key.ToString());

    public static Revocation Session(string id) => new(RevocationKind.Session, Canonical(id));

    public static Revocation Identity(string id) => new(RevocationKind.Identity, Canonical(id));

    /// <summary>Null for what this version does not know, and for a credential that is no key.</summary>
    public static Revocation? Parse(string text) => text switch
    {
        "*:" => Everything,
        "-:" => Nothing,
        ['c', ':', .. var key] when CredentialKey.TryParse(key, out _) => new(RevocationKind.Credential, key),
        ['s', ':', _, ..] => new(RevocationKind.Session, text[2..]),
        ['i', ':', _, ..] => new(RevocationKind.Identity, text[2..]),
        _ => null,
    };

    /// <summary>Kratos writes ids in lower case with dashes, and takes them in every form of a UUID (RFC 9562).</summary>
    private static string Canonical(string id)
    {
        const string Urn = "urn:uuid:";
        var uuid = id.StartsWith(Urn, StringComparison.Ordinal) ? id.AsSpan(Urn.Length) : id;
        if (!Guid.TryParse(uuid, out var guid)) return id;
        var canonical = guid.ToString();
        return canonical == id ? id : canonical; // whoever keeps it keeps no copy
    }
}
