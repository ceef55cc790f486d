using System.Text.Json;

namespace Gateway.Forwarding.Signing;

/// <summary>
/// The issuers that routes may ask for, by id: the one in force and, while a reload is under way, the one that comes. Keys
/// that a load has taken away stay published until the last token they signed has ended.
/// </summary>
internal sealed class TokenIssuers
{
    /// <summary>What a service's clock may be behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly List<(SigningKey Key, DateTimeOffset Until)> _retired = [];
    private TokenIssuer? _current;
    private TokenIssuer? _previous;

    public TokenIssuers(TokenIssuer? first, TimeProvider time) => (_current, _time) = (first, time);

    /// <summary>Takes a load's issuer over; null: the token is off from here on.</summary>
    public void Offer(TokenIssuer? issuer)
    {
        lock (_gate)
        {
            if (issuer?.Id == _current?.Id) return;
            if (_current is { } old)
            {
                var until = _time.GetUtcNow() + old.Options.Lifetime + ClockSkew;
                _retired.AddRange(old.Keys.Select(key => (key, until)));
            }
            (_previous, _current) = (_current, issuer);
        }
    }

    /// <exception cref="InvalidOperationException">No load has offered it.</exception>
    public TokenIssuer Find(string id)
    {
        lock (_gate)
        {
            if (_current?.Id == id) return _current;
            if (_previous?.Id == id) return _previous;
        }
        throw new InvalidOperationException("No load has brought this token issuer.");
    }

    /// <summary>The public keys as a JWK set (RFC 7517): those in force, then those retired.</summary>
    public byte[] PublicKeys()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("keys");
            foreach (var key in Published())
                key.WritePublic(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private List<SigningKey> Published()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            _retired.RemoveAll(retired => retired.Until <= now);
            return [.. (_current?.Keys ?? []).Concat(_retired.Select(retired => retired.Key)).DistinctBy(key => key.Id)];
        }
    }
}
