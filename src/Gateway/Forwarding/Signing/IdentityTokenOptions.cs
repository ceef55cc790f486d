using Gateway.Configuration;

namespace Gateway.Forwarding.Signing;

/// <summary>The identity token: a signed statement of who is calling, for services that do not trust their network.</summary>
internal sealed class IdentityTokenOptions
{
    public const string Section = "IdentityToken";

    private const string Authorization = "Authorization";

    /// <summary>Who signs, as services check it (<c>iss</c>); unset: there are no tokens.</summary>
    public string? Issuer { get; init; }

    /// <summary>The header that carries it; in <c>Authorization</c> it stands behind <c>Bearer</c>.</summary>
    public string Header { get; init; } = HeaderAliases.TokenHeader;

    /// <summary>How long a token is good, at most until the session's end.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The first signs, all are published.</summary>
    public IReadOnlyList<SigningKeyOptions> SigningKeys { get; init; } = [];

    /// <summary>A tree of templates; setting any replaces <c>sid</c>, <c>acr</c> and <c>email</c>.</summary>
    public IConfigurationSection? Claims { get; init; }

    public bool IsOn => !string.IsNullOrEmpty(Issuer);

    public bool IsInAuthorization => Header.Equals(Authorization, StringComparison.OrdinalIgnoreCase);

    public void Validate(ConfigErrors errors)
    {
        errors.RequireRange($"{Section}:{nameof(Lifetime)}", Lifetime, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1));
        var isOurs = IsInAuthorization || Header.Equals(HeaderAliases.TokenHeader, StringComparison.OrdinalIgnoreCase);
        if (!isOurs && OwnHeaderNames.Problem(Header) is { } problem)
            errors.Add($"{Section}:{nameof(Header)}", problem);
        if (!IsOn && SigningKeys.Count > 0)
            errors.Add($"{Section}:{nameof(Issuer)}", "is missing: set it to the gateway's origin, such as https://example.org");
    }
}

/// <summary>A signing key.</summary>
internal sealed class SigningKeyOptions
{
    /// <summary>A private key in PEM, a JWK or a set of them; from the folder of the configuration file.</summary>
    public string File { get; init; } = "";
}
