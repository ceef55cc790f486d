using Gateway.Configuration;
using Gateway.Forwarding.Signing;

namespace Gateway.Forwarding.Mutators;

/// <summary>One reading of a rule's mutators: what they need of the rest of the configuration, and what is wrong.</summary>
internal sealed class MutatorReading
{
    /// <summary>Each with its place below the rule's key (such as <c>:0:Headers:X-User</c>).</summary>
    public PlacedProblems Problems { get; } = new();

    /// <summary>The name of Kratos' session cookie, which no mutator can set.</summary>
    public string SessionCookie { get; init; } = "";

    /// <summary>The headers that every service gets, beside a rule's.</summary>
    public IReadOnlyCollection<string> IdentityHeaders { get; init; } = [];

    /// <summary>What becomes of a header's value that cannot be sent exactly.</summary>
    public UnsendableValue OnUnsendableValue { get; init; }

    /// <summary>Null while the configuration is only checked.</summary>
    public UnsentValues? Unsent { get; init; }

    /// <summary>Whether the section that tokens need is there.</summary>
    public bool HasTokens { get; init; }

    /// <summary>Null: there is none, or its section has mistakes.</summary>
    public TokenIssuer? Issuer { get; init; }

    /// <summary>Null while the configuration is only checked.</summary>
    public TokenSigner? Signer { get; init; }

    /// <summary>What is wrong with a header's name beside those that the gateway sets as well, or null.</summary>
    public string? Clash(string name)
    {
        if (Issuer is { } issuer && HeaderAliases.Comparer.Equals(name, issuer.Options.Header))
            return "is the header of the identity token (IdentityToken:Header); choose another";
        var twin = IdentityHeaders.FirstOrDefault(other => HeaderAliases.Comparer.Equals(other, name));
        return twin is null || twin.Equals(name, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"is the same header as {twin} (Forwarding:IdentityHeaders) to a service that reads -, _ and . alike: write it so";
    }
}
