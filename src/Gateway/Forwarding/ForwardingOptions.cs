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
            if (OwnHeaderNames.Problem(name) is { } badName)
                errors.Add(key, badName);
            else if (!seen.TryAdd(name, name))
                errors.Add(key, $"is the same header as {seen[name]} to a service that reads -, _ and . alike");
            if (HeaderTemplate.Problem(template) is { } problem)
                errors.Add(key, problem);
        }
    }
}
