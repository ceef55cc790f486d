using System.Collections.Frozen;
using Gateway.Configuration;

namespace Gateway.Forwarding;

/// <summary>What services are told of the caller.</summary>
internal sealed class ForwardingOptions
{
    public const string Section = "Forwarding";

    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["X-User-Id"] = "{identity.id}",
        ["X-User-Email"] = "{identity.traits.email}",
        ["X-Session-Id"] = "{session.id}",
        ["X-Session-Aal"] = "{session.authenticator_assurance_level}",
    };

    /// <summary>
    /// Names that carry the message itself or belong to the gateway; an identity header cannot take their place.
    /// </summary>
    private static readonly FrozenSet<string> Taken = new[]
    {
        "Host", "Connection", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Cookie",
        "Authorization", "Upgrade", "TE", "Trailer", "Keep-Alive", "Expect", "X-Request-Id", "X-Session-Token", "Set-Cookie",
        "Accept", "Origin", "Allow", "Content-Disposition", "Content-Language", "Content-Location", "Content-MD5",
        "Content-Range", "Expires", "Last-Modified",
    }.ToFrozenSet(HeaderAliases.Comparer);

    /// <summary>
    /// Identity headers by name, each with a template over the session's JSON. Setting any replaces the four defaults.
    /// </summary>
    public Dictionary<string, string>? IdentityHeaders { get; init; }

    /// <summary>
    /// Whether services get the session cookie, <c>X-Session-Token</c> and session bearer tokens. A route's metadata of the
    /// same name overrides it.
    /// </summary>
    public bool ForwardSessionCookie { get; init; }

    public IReadOnlyDictionary<string, string> Headers => IdentityHeaders ?? Defaults;

    public void Validate(ConfigErrors errors)
    {
        var seen = new Dictionary<string, string>(HeaderAliases.Comparer);
        foreach (var (name, template) in Headers)
        {
            var key = $"{Section}:{nameof(IdentityHeaders)}:{name}";
            if (!HeaderAliases.IsHeaderName(name))
                errors.Add(key, "is not a header name: use letters, digits and -");
            else if (Taken.Contains(name) || HeaderAliases.IsForwardingName(name))
                errors.Add(key, "is a header that the gateway or HTTP itself sets; choose a name of your own");
            else if (!seen.TryAdd(name, name))
                errors.Add(key, $"is the same header as {seen[name]} to a service that reads -, _ and . alike");
            if (HeaderTemplate.Problem(template) is { } problem)
                errors.Add(key, problem);
        }
    }
}
