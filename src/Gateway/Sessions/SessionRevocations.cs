using System.Collections.Concurrent;

namespace Gateway.Sessions;

/// <summary>
/// Ends cached sessions, and remembers for a while that it did: an answer that Kratos gave before the revocation but that
/// arrives after it must not bring the session back.
/// </summary>
internal sealed class SessionRevocations(SessionCache cache, TimeProvider time)
{
    /// <summary>Longer than the longest call to Kratos can take (<c>Kratos:Timeout</c> is at most 30 s).</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _marks = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    public void RevokeCredential(string key)
    {
        Mark("c:" + key);
        cache.Remove(key);
    }

    /// <summary>Returns how many cached entries the session had.</summary>
    public int RevokeSession(string sessionId)
    {
        sessionId = Canonical(sessionId);
        Mark("s:" + sessionId);
        return cache.RemoveSession(sessionId);
    }

    /// <summary>Returns how many cached entries the identity's sessions had.</summary>
    public int RevokeIdentity(string identityId)
    {
        identityId = Canonical(identityId);
        Mark("i:" + identityId);
        return cache.RemoveIdentity(identityId);
    }

    /// <summary>Whether the credential, or the session Kratos found for it, was revoked at or after <paramref name="timestamp"/>.</summary>
    public bool RevokedSince(long timestamp, string key, SessionVerdict verdict) =>
        !_marks.IsEmpty
        && (Marked("c:" + key, timestamp)
            || verdict.Session is { } session && (Marked("s:" + session.Id, timestamp) || Marked("i:" + session.IdentityId, timestamp)));

    /// <summary>Kratos writes ids in lower case with dashes, and takes them in every form of a UUID (RFC 9562).</summary>
    private static string Canonical(string id) =>
        Guid.TryParse(id.StartsWith("urn:uuid:", StringComparison.Ordinal) ? id.AsSpan("urn:uuid:".Length) : id, out var guid) ? guid.ToString() : id;

    private bool Marked(string mark, long timestamp) => _marks.TryGetValue(mark, out var at) && at >= timestamp;

    private void Mark(string mark)
    {
        var now = time.GetTimestamp();
        _marks[mark] = now;
        var swept = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(swept, now) < Memory || Interlocked.CompareExchange(ref _sweptAt, now, swept) != swept) return;
        foreach (var (old, at) in _marks)
            if (time.GetElapsedTime(at, now) > Memory) _marks.TryRemove(KeyValuePair.Create(old, at));
    }
}
