using Gateway.Configuration;
using Gateway.Forwarding.Signing;
using Gateway.Network;

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

    /// <summary>
    /// Headers of a client that are removed besides <see cref="BelievedHeaders.Default"/>; a <c>*</c> at the end stands for any
    /// rest.
    /// </summary>
    public IReadOnlyList<string> RemoveHeaders { get; init; } = [];

    /// <summary>Of what is removed, what passes all the same, spelled so.</summary>
    public IReadOnlyList<string> KeepHeaders { get; init; } = [];

    /// <summary>Of what is removed, what passes from a peer that <c>Network:TrustedProxies</c> names.</summary>
    public IReadOnlyList<string> KeepFromTrustedProxies { get; init; } = [];

    /// <summary>What becomes of a value that a header cannot carry exactly.</summary>
    public UnsendableValue OnUnsendableValue { get; init; }

    public IReadOnlyDictionary<string, string> Headers => IdentityHeaders ?? Defaults;

    private IReadOnlyList<string> Removed => [.. BelievedHeaders.Default, .. RemoveHeaders];

    /// <param name="matched">The headers that any route matches on.</param>
    public HeaderRemoval RemovalOf(IReadOnlyList<string> matched, bool fromTrustedProxy) =>
        new(Removed, fromTrustedProxy ? [.. KeepHeaders, .. KeepFromTrustedProxies] : KeepHeaders, matched);

    public void Validate(ConfigErrors errors)
    {
        ValidateHeaders(errors);
        ValidateRemoval(errors);
    }

    /// <summary>What only two sections together can have wrong.</summary>
    public void ValidateBeside(NetworkOptions network, IdentityTokenOptions token, ConfigErrors errors)
    {
        if (KeepFromTrustedProxies.Count > 0 && network.TrustedProxies.Count == 0)
            errors.Add($"{Section}:{nameof(KeepFromTrustedProxies)}", "has nobody to keep them from: set Network:TrustedProxies");
        var twin = token.IsOn ? Headers.Keys.FirstOrDefault(name => HeaderAliases.Comparer.Equals(name, token.Header)) : null;
        if (twin is not null)
            errors.Add(
                $"{IdentityTokenOptions.Section}:{nameof(token.Header)}",
                $"is the same header as {twin} (Forwarding:IdentityHeaders) to a service that reads -, _ and . alike: "
                    + "choose another");
    }

    private void ValidateRemoval(ConfigErrors errors)
    {
        for (var i = 0; i < RemoveHeaders.Count; i++)
            if (BelievedHeaders.Problem(RemoveHeaders[i]) is { } problem)
                errors.Add($"{Section}:{nameof(RemoveHeaders)}:{i}", problem);
        BelievedHeaders.CheckKept($"{Section}:{nameof(KeepHeaders)}", KeepHeaders, Removed, errors);
        BelievedHeaders.CheckKept($"{Section}:{nameof(KeepFromTrustedProxies)}", KeepFromTrustedProxies, Removed, errors);
    }

    private void ValidateHeaders(ConfigErrors errors)
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
