namespace Gateway.Sessions;

/// <summary>What was revoked: a credential by its hash, a session or an identity by its id. Its text travels between replicas.</summary>
internal sealed record Revocation(char Kind, string Id)
{
    /// <summary>More was revoked than could be listed.</summary>
    public static readonly Revocation Everything = new('*', "");

    /// <summary>A sign of life.</summary>
    public static readonly Revocation Nothing = new('-', "");

    public static Revocation Credential(string key) => new('c', key);

    public static Revocation Session(string id) => new('s', id);

    public static Revocation Identity(string id) => new('i', id);

    public string Text => $"{Kind}:{Id}";

    /// <summary>Null for what this version does not know.</summary>
    public static Revocation? Parse(string text) => text switch
    {
        "*:" => Everything,
        "-:" => Nothing,
        ['c' or 's' or 'i', ':', _, ..] => new(text[0], text[2..]),
        _ => null,
    };
}
