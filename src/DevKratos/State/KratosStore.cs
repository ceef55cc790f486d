using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace DevKratos.State;

/// <summary>Everything DevKratos remembers, in memory. One lock; records in and out are immutable.</summary>
internal sealed class KratosStore(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Identity> _identities = [];
    private readonly Dictionary<string, Guid> _identifiers = [];
    private readonly Dictionary<Guid, Session> _sessions = [];
    private readonly Dictionary<string, Guid> _tokens = [];
    private readonly Dictionary<string, IssuedCookie> _cookies = [];
    private readonly Dictionary<Guid, Flow> _flows = [];
    private readonly Dictionary<Guid, (JsonElement Error, DateTime At)> _errors = [];

    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    // --- identities

    public Identity? FindIdentity(Guid id)
    {
        lock (_gate)
            return _identities.GetValueOrDefault(id);
    }

    public Identity? FindIdentity(string identifier)
    {
        lock (_gate)
            return _identifiers.TryGetValue(identifier.Trim().ToLowerInvariant(), out var id) ? _identities[id] : null;
    }

    /// <summary>Newest first, the order of Kratos' list.</summary>
    public IReadOnlyList<Identity> Identities()
    {
        lock (_gate)
            return [.. _identities.Values.OrderByDescending(i => i.CreatedAt)];
    }

    /// <summary>False when somebody else has the same identifier.</summary>
    public bool TryAdd(Identity identity)
    {
        lock (_gate)
        {
            if (!_identifiers.TryAdd(identity.Identifier, identity.Id)) return false;
            _identities.Add(identity.Id, identity);
            return true;
        }
    }

    /// <summary>
    /// The changed identity; null when there is none with that id. A change of identifier that collides leaves the old one.
    /// </summary>
    public Identity? Update(Guid id, Func<Identity, Identity> change)
    {
        lock (_gate)
        {
            if (!_identities.TryGetValue(id, out var before)) return null;
            var after = change(before) with { UpdatedAt = Now };
            if (after.Identifier != before.Identifier)
            {
                if (!_identifiers.TryAdd(after.Identifier, id)) return before;
                _identifiers.Remove(before.Identifier);
            }

            return _identities[id] = after;
        }
    }

    public bool RemoveIdentity(Guid id)
    {
        lock (_gate)
        {
            if (!_identities.Remove(id, out var identity)) return false;
            _identifiers.Remove(identity.Identifier);
            RemoveSessionsOf(id);
            return true;
        }
    }

    // --- sessions

    public void Add(Session session)
    {
        lock (_gate)
        {
            _sessions.Add(session.Id, session);
            _tokens.Add(session.Token, session.Id);
        }
    }

    public Session? FindSession(Guid id)
    {
        lock (_gate)
            return _sessions.GetValueOrDefault(id);
    }

    public Session? FindSessionByToken(string token)
    {
        lock (_gate)
            return _tokens.TryGetValue(token, out var id) ? _sessions.GetValueOrDefault(id) : null;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Session> Sessions()
    {
        lock (_gate)
            return [.. _sessions.Values.OrderByDescending(s => s.IssuedAt)];
    }

    public IReadOnlyList<Session> SessionsOf(Guid identityId) => [.. Sessions().Where(s => s.IdentityId == identityId)];

    public Session? Update(Guid id, Func<Session, Session> change)
    {
        lock (_gate)
            return _sessions.TryGetValue(id, out var session) ? _sessions[id] = change(session) : null;
    }

    /// <summary>
    /// Ends the person's sessions other than <paramref name="except"/> and says how many there are, those that had ended among
    /// them.
    /// </summary>
    public int RevokeOthers(Guid identityId, Guid except)
    {
        lock (_gate)
        {
            var others = _sessions.Values.Where(s => s.IdentityId == identityId && s.Id != except).ToList();
            foreach (var session in others)
                _sessions[session.Id] = session with { Revoked = true };
            return others.Count;
        }
    }

    public int RemoveSessionsOf(Guid identityId)
    {
        lock (_gate)
        {
            var gone = _sessions.Values.Where(s => s.IdentityId == identityId).ToList();
            foreach (var session in gone)
            {
                _sessions.Remove(session.Id);
                _tokens.Remove(session.Token);
            }

            return gone.Count;
        }
    }

    /// <summary>Active in the sense of Kratos: not revoked, not expired, and its identity is not disabled.</summary>
    public bool IsActive(Session session, [NotNullWhen(true)] out Identity? identity)
    {
        identity = FindIdentity(session.IdentityId);
        return !session.Revoked && session.ExpiresAt > Now && identity is { Active: true };
    }

    // --- cookies

    public string IssueCookie(Session session)
    {
        var value = SecretText.CookieValue(Now);
        lock (_gate)
            _cookies[value] = new IssuedCookie(session.Id, session.ExpiresAt);
        return value;
    }

    public IssuedCookie? FindCookie(string value)
    {
        lock (_gate)
            return _cookies.GetValueOrDefault(value);
    }

    // --- flows and errors

    public Flow Save(Flow flow)
    {
        lock (_gate)
        {
            if (_flows.Count > 10_000)
                ForgetOldFlows();
            return _flows[flow.Id] = flow;
        }
    }

    public Flow? FindFlow(FlowKind kind, string? id)
    {
        if (!Guid.TryParse(id, out var key)) return null;
        lock (_gate)
            return _flows.GetValueOrDefault(key) is { } flow && flow.Kind == kind ? flow : null;
    }

    public Guid AddError(JsonElement error)
    {
        var id = Guid.NewGuid();
        lock (_gate)
            _errors[id] = (error, Now);
        return id;
    }

    public (JsonElement Error, DateTime At)? FindError(Guid id)
    {
        lock (_gate)
            return _errors.TryGetValue(id, out var error) ? error : null;
    }

    private void ForgetOldFlows()
    {
        var dayAgo = Now.AddDays(-1);
        foreach (var old in _flows.Values.OrderBy(f => f.ExpiresAt)
            .Take(1_000)
            .Concat(_flows.Values.Where(f => f.ExpiresAt < dayAgo))
            .ToList())
            _flows.Remove(old.Id);
    }
}

/// <summary>
/// What a cookie value was issued for. An expiry that differs from the session's means the session was extended since.
/// </summary>
internal sealed record IssuedCookie(Guid SessionId, DateTime ExpiresAt);
