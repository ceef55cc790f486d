namespace Gateway.Sessions;

/// <summary>What was revoked: a credential by its hash, a session or an identity by its id. Its text travels between replicas.</summary>
internal sealed record Revocation(char Kind, string Id)
{
    /// <summary>More was revoked than could be listed.</summary>
    public static readonly Revocation Everything = new('*', "");

    /// <summary>A sign of life.</summary>
    public static readonly Revocation Nothing = new('-', "");

    public static Revocation Credential(CredentialKey key) => new('c', key.ToString());

    public static Revocation Session(string id) => new('s', Canonical(id));

    public static Revocation Identity(string id) => new('i', Canonical(id));

    public string Text => $"{Kind}:{Id}";

    /// <summary>Null for what this version does not know, and for a credential that is no key.</summary>
    public static Revocation? Parse(string text) => text switch
    {
        "*:" => Everything,
        "-:" => Nothing,
        ['c', ':', .. var key] => CredentialKey.TryParse(key, out _) ? new('c', key) : null,
        ['s' or 'i', ':', _, ..] => new(text[0], text[2..]),
        _ => null,
    };

    /// <summary>Kratos writes ids in lower case with dashes, and takes them in every form of a UUID (RFC 9562).</summary>
    private static string Canonical(string id) =>
        Guid.TryParse(id.StartsWith("urn:uuid:", StringComparison.Ordinal) ? id.AsSpan("urn:uuid:".Length) : id, out var guid) ? guid.ToString() : id;
}
