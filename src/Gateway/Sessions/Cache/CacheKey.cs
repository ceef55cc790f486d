using Gateway.Sessions.Credentials;

namespace Gateway.Sessions.Cache;

/// <summary>
/// A credential's key as the object that <see cref="EntryStore"/> asks its dictionary for. The entry and the recent Cookie lines
/// hold it, so that a look-up boxes nothing.
/// </summary>
internal sealed class CacheKey(CredentialKey credential) : IEquatable<CacheKey>
{
    public CredentialKey Credential { get; private set; } = credential;

    public bool Equals(CacheKey? other) => other is not null && other.Credential == Credential;

    public override bool Equals(object? obj) => Equals(obj as CacheKey);

    public override int GetHashCode() => Credential.GetHashCode();

    /// <summary>
    /// Stands for another credential from now on: only for a key that one thread looks up with, and that nobody keeps.
    /// </summary>
    internal CacheKey Become(in CredentialKey credential)
    {
        Credential = credential;
        return this;
    }
}
