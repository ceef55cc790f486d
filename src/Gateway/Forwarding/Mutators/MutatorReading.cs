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

    /// <summary>Whether the section that tokens need is there.</summary>
    public bool HasTokens { get; init; }

    /// <summary>Null: there is none, or its section has mistakes.</summary>
    public TokenIssuer? Issuer { get; init; }

    /// <summary>Null while the configuration is only checked.</summary>
    public TokenSigner? Signer { get; init; }
}
