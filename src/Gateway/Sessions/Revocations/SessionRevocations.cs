using System.Collections.Concurrent;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;

namespace Gateway.Sessions.Revocations;

/// <summary>
/// Ends cached sessions, and remembers for a while that it did: an answer that Kratos gave before the revocation but that
/// arrives after it must not bring the session back.
/// </summary>
internal sealed class SessionRevocations(SessionCache cache, TimeProvider time)
{
    /// <summary>Longer than the longest call to Kratos can take (<c>Kratos:Timeout</c> is at most 30 s).</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    /// <summary>Ids of Kratos are UUIDs, keys 43 characters.</summary>
    private const int MaxId = 100;

    private readonly ConcurrentDictionary<string, long> _marks = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    /// <summary>Raised for what this replica revoked itself, for the others.</summary>
    public event Action<Revocation>? Revoked;

    /// <summary>Raised for what was revoked here or by another replica, once the cache no longer knows it.</summary>
    public event Action<Revocation>? Applied;

    public void RevokeCredential(CredentialKey key) => Revoke(Revocation.Credential(key));

    /// <summary>Returns how many cached entries the session had.</summary>
    public int RevokeSession(string sessionId) => Revoke(Revocation.Session(sessionId));

    /// <summary>Returns how many cached entries the identity's sessions had.</summary>
    public int RevokeIdentity(string identityId) => Revoke(Revocation.Identity(identityId));

    /// <summary>Applies a revocation of another replica; returns how many cached entries it dropped.</summary>
    public int Apply(Revocation revocation)
    {
        Mark(revocation.Text);
        var dropped = Drop(revocation);
        Applied?.Invoke(revocation);
        return dropped;
    }

    /// <summary>
    /// Whether the credential, or the session Kratos found for it, was revoked at or after <paramref name="timestamp"/>.
    /// </summary>
    public bool RevokedSince(long timestamp, CredentialKey key, SessionVerdict verdict)
    {
        if (_marks.IsEmpty) return false;
        if (Marked(Revocation.Credential(key), timestamp)) return true;
        return verdict.Caller is { Session: { } session } caller
            && (Marked(Revocation.Session(session.Id), timestamp) || Marked(Revocation.Identity(caller.Subject), timestamp));
    }

    private int Drop(Revocation revocation)
    {
        switch (revocation.Kind)
        {
            case RevocationKind.Session:
                return cache.RemoveSession(revocation.Id, MarkCredential);
            case RevocationKind.Identity:
                return cache.RemoveIdentity(revocation.Id, MarkCredential);
            case RevocationKind.Credential when CredentialKey.TryParse(revocation.Id, out var key):
                cache.Remove(key);
                return 0;
            default:
                return 0;
        }
    }

    /// <summary>Whether the credential was revoked within the last minute, by itself or with a session that was cached.</summary>
    public bool IsRevoked(CredentialKey key) =>
        !_marks.IsEmpty
        && _marks.TryGetValue(Revocation.Credential(key).Text, out var at)
        && time.GetElapsedTime(at) <= Memory;

    private void MarkCredential(CredentialKey key) => Mark(Revocation.Credential(key).Text);

    private int Revoke(Revocation revocation)
    {
        if (revocation.Id.Length > MaxId) return 0; // nothing that Kratos or the cache would call so
        var dropped = Apply(revocation);
        Revoked?.Invoke(revocation);
        return dropped;
    }

    private bool Marked(Revocation revocation, long timestamp) =>
        _marks.TryGetValue(revocation.Text, out var at) && at >= timestamp;

    private void Mark(string mark)
    {
        var now = time.GetTimestamp();
        _marks[mark] = now;
        var swept = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(swept, now) < Memory || Interlocked.CompareExchange(ref _sweptAt, now, swept) != swept) return;
        foreach (var (old, at) in _marks)
        {
            if (time.GetElapsedTime(at, now) > Memory)
                _marks.TryRemove(KeyValuePair.Create(old, at));
        }
    }
}
