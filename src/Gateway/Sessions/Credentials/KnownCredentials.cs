namespace Gateway.Sessions.Credentials;

/// <summary>
/// Credentials that were good once, or that Kratos handed out through here: their questions go before strangers'. Of those, the
/// ones that are as long as good ones are go first: it costs nothing, and who floods has to know. It decides nothing else. A
/// table of fixed size without locks, in which a credential takes the place of another of the same slot.
/// </summary>
internal sealed class KnownCredentials
{
    private const int Slots = 1 << 16;

    private const int MaxLength = 4096;

    private readonly ulong[] _slots = new ulong[Slots];
    private readonly bool[] _lengths = new bool[MaxLength];

    public bool Contains(in CredentialKey key) => Volatile.Read(ref Slot(key)) == key.B;

    /// <summary>Whether a good credential was as long.</summary>
    public bool IsLikely(in SessionCredential credential) =>
        credential.Value.Length < MaxLength && _lengths[credential.Value.Length];

    public void Add(in CredentialKey key, in SessionCredential credential)
    {
        Volatile.Write(ref Slot(key), key.B);
        if (credential.Value.Length < MaxLength)
            _lengths[credential.Value.Length] = true;
    }

    public void Remove(in CredentialKey key) => Interlocked.CompareExchange(ref Slot(key), 0, key.B);

    private ref ulong Slot(in CredentialKey key) => ref _slots[(uint)key.GetHashCode() >> 16];
}
