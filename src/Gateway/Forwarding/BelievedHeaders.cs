using Gateway.Configuration;

namespace Gateway.Forwarding;

/// <summary>
/// Headers by which services behind other gateways are told who is calling, over which certificate and connection, or for which
/// host, and which they believe: a client's are removed. Names are as their makers document them; a <c>*</c> at the end stands
/// for any rest. What this gateway says itself is not here but in <see cref="HeaderAliases"/>.
/// </summary>
internal static class BelievedHeaders
{
    /// <summary>At the end of a name: whatever follows.</summary>
    public const char AnyRest = '*';

    public static readonly IReadOnlyList<string> Default =
    [
        // Kong, APISIX
        "X-Consumer-*", "X-Credential-*", "X-Anonymous-Consumer", "X-Authenticated-*", "X-Userinfo",
        // Oathkeeper, and what its and oauth2-proxy's examples set
        "X-User", "X-User-Id", "X-User-Name", "X-Username", "X-User-Email", "X-User-Groups", "X-User-Roles", "X-Email",
        "X-Groups",
        // oauth2-proxy, Traefik's forwardauth, Louketo
        "X-Auth-Request-*", "X-Auth-User*", "X-Auth-Email", "X-Auth-Groups", "X-Auth-Roles", "X-Auth-Subject",
        // Authelia, Pangolin, Django's and Kubernetes' proxies, Grafana and Gitea
        "Remote-*", "X-Remote-*", "X-Webauth-*",
        // authentik, Pomerium, Tailscale, WebSEAL, SiteMinder, Shibboleth, mod_auth_openidc, mod_auth_mellon, WSO2
        "X-authentik-*", "X-Pomerium-*", "Tailscale-*", "IV-*", "SM-User*", "Shib-*", "OIDC-*", "Mellon-*", "X-JWT-Assertion",
        // Google, Microsoft, Amazon, Cloudflare
        "X-Goog-Authenticated-User-*", "X-Goog-IAP-*", "X-Endpoint-API-UserInfo", "X-Apigateway-Api-Userinfo",
        "X-MS-Client-Principal*", "X-MS-Token-*", "X-Amzn-Oidc-*", "X-Amzn-Mtls-*", "Cf-Access-*",
        // a client's certificate: nginx, ingress-nginx, HAProxy, Azure, WebLogic, RFC 9440
        "X-SSL-*", "SSL-Client-*", "X-TLS-Client-*", "X-Client-Cert*", "X-Client-DN", "X-Client-S-DN", "X-Client-Verify",
        "Client-Cert", "Client-Cert-Chain", "X-ARR-ClientCert", "WL-Proxy-*",
        // another host, scheme or address than the request's
        "X-HTTP-Host-Override", "X-Host", "X-Host-Override", "X-Scheme", "X-URL-Scheme", "Front-End-Https",
        "Proxy-Client-IP", "X-Originating-IP", "X-ProxyUser-IP",
        // what CGI programs take for their own proxy (httpoxy), nginx' words to Rack, Next.js' to itself
        "Proxy", "X-Sendfile-Type", "X-Accel-Mapping", "X-Middleware-Subrequest",
    ];

    /// <summary>What frames a message, or an upgrade: a request without it is another one.</summary>
    private static readonly string[] Framing =
        ["Host", "Connection", "Content-Length", "Transfer-Encoding", "Trailer", "TE", "Upgrade", "Expect"];

    /// <summary>Whether the pattern has the name, in any spelling.</summary>
    public static bool Covers(string pattern, string name) => pattern is [.., AnyRest]
        ? HeaderAliases.StartsWith(name, pattern[..^1])
        : HeaderAliases.Comparer.Equals(pattern, name);

    /// <summary>What is wrong with a name or pattern to be removed, or null.</summary>
    public static string? Problem(string pattern)
    {
        if (!HeaderAliases.IsHeaderName(pattern.TrimEnd(AnyRest)) || pattern.Count(c => c is AnyRest) > 1)
            return $"is not a header name: use letters, digits and -, and a {AnyRest} at the end for any rest";
        return Array.Find(Framing, name => Covers(pattern, name)) is { } framing
            ? $"would remove {framing}, without which a request is another one"
            : null;
    }

    /// <summary>What is wrong with what is kept of <paramref name="removed"/>, each with its key.</summary>
    public static void CheckKept(string key, IReadOnlyList<string> kept, IReadOnlyList<string> removed, ConfigErrors errors)
    {
        for (var i = 0; i < kept.Count; i++)
        {
            if (Problem(kept[i]) is { } problem)
                errors.Add($"{key}:{i}", problem);
            else if (HeaderAliases.IsForwardingName(kept[i]))
                errors.Add($"{key}:{i}", "is a header that the gateway alone sets; nobody else's passes");
            else if (!removed.Any(pattern => Covers(pattern, kept[i])))
                errors.Add($"{key}:{i}", "passes anyway: it names none of the headers that are removed (docs/forwarding.md)");
        }
    }
}
