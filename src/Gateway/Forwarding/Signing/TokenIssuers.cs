using System.Text.Json;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Forwarding.Signing;

/// <summary>
/// The issuers that routes may ask for, by id: the one in force and, while a reload is under way, the one that comes. Keys
/// that a load has taken away stay published until the last token they signed has ended, which is counted from when YARP says
/// that its routes are in force.
/// </summary>
internal sealed class TokenIssuers : IConfigChangeListener
{
    /// <summary>What a service's clock may be behind.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly List<(SigningKey Key, DateTimeOffset Until)> _retired = [];
    private TokenIssuer? _inForce;
    private TokenIssuer? _offered;

    public TokenIssuers(TokenIssuer? first, TimeProvider time)
    {
        _inForce = first;
        _offered = first;
        _time = time;
    }

    /// <summary>A load's issuer, for its routes to ask for; null: the token is off from there on.</summary>
    public void Offer(TokenIssuer? issuer)
    {
        lock (_gate)
            _offered = issuer;
    }

    void IConfigChangeListener.ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs) => TakeOver();

    void IConfigChangeListener.ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception)
    {
        // Routes of either load may be serving: the keys of both stay published.
    }

    void IConfigChangeListener.ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    void IConfigChangeListener.ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception)
    {
    }

    /// <summary>The routes that ask for what was offered last are in force.</summary>
    internal void TakeOver()
    {
        lock (_gate)
        {
            if (_offered?.Id == _inForce?.Id) return;
            if (_inForce is { } old)
            {
                var until = _time.GetUtcNow() + old.Options.Lifetime + ClockSkew;
                _retired.AddRange(old.Keys.Select(key => (key, until)));
            }
            _inForce = _offered;
        }
    }

    /// <exception cref="InvalidOperationException">No load has offered it.</exception>
    public TokenIssuer Find(string id)
    {
        lock (_gate)
        {
            if (_offered?.Id == id) return _offered;
            if (_inForce?.Id == id) return _inForce;
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
            TokenIssuer?[] issuers = [_offered, _inForce];
            var keys = issuers.SelectMany(issuer => issuer?.Keys ?? []).Concat(_retired.Select(retired => retired.Key));
            return [.. keys.DistinctBy(key => key.Id)];
        }
    }
}
