using System.Text.Json;
using Gateway.Forwarding.Signing;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Forwarding.Mutators;

/// <summary>
/// Makes the mutators of a route from its metadata, in which they travel, so that they and the routes cannot come from two
/// loads.
/// </summary>
internal sealed class RouteMutators(
    ForwardingOptions options, TokenIssuers issuers, TokenSigner signer, UnsentValues unsent)
{
    /// <summary>Metadata keys; a user's own metadata cannot set them.</summary>
    public const string TextKey = "Gateway.Mutators";
    public const string HeadersKey = "Gateway.OwnHeaders";
    public const string CookiesKey = "Gateway.OwnCookies";
    public const string MatchedKey = "Gateway.MatchedHeaders";
    public const string NeedsSessionKey = "Gateway.NeedsSession";
    public const string IssuerKey = "Gateway.TokenIssuer";

    private const char Separator = ',';

    private readonly IdentityHeadersMutator _identity = new(options, unsent);

    /// <summary>By their text, so that the routes of one rule share what is rendered once for a caller.</summary>
    private readonly Dictionary<string, WeakReference<IReadOnlyList<Mutator>>> _byText = [];

    public MutatorChain Of(RouteConfig route) => new(
        _identity, OfRule(route.Metadata?.GetValueOrDefault(TextKey), route.Metadata?.GetValueOrDefault(IssuerKey)));

    /// <summary>The headers that only the gateway sets on any route.</summary>
    public IReadOnlyList<string> HeaderNames(RouteConfig route) => [.. _identity.HeaderNames, .. Names(route, HeadersKey)];

    /// <summary>The cookies that only the gateway sets on any route.</summary>
    public static IReadOnlyList<string> CookieNames(RouteConfig route) => Names(route, CookiesKey);

    /// <summary>The headers that any route of the load matches on.</summary>
    public static IReadOnlyList<string> MatchedHeaders(RouteConfig route) => Names(route, MatchedKey);

    /// <summary>The metadata under which names of <see cref="Names"/> travel; names hold no comma.</summary>
    public static string Joined(IEnumerable<string> names) => string.Join(Separator, names.Order(StringComparer.Ordinal));

    private static string[] Names(RouteConfig route, string key) =>
        route.Metadata?.GetValueOrDefault(key)?.Split(Separator, StringSplitOptions.RemoveEmptyEntries) ?? [];

    private IReadOnlyList<Mutator> OfRule(string? text, string? issuerId)
    {
        if (text is null) return [];
        lock (_byText)
        {
            var key = $"{issuerId} {text}";
            if (_byText.TryGetValue(key, out var known) && known.TryGetTarget(out var shared)) return shared;
            foreach (var (old, reference) in _byText.ToArray())
                if (!reference.TryGetTarget(out _))
                    _byText.Remove(old);
            using var json = JsonDocument.Parse(text);
            var issuer = issuerId is null ? null : issuers.Find(issuerId);
            var reading = new MutatorReading
            {
                OnUnsendableValue = options.OnUnsendableValue,
                Unsent = unsent,
                HasTokens = issuer is not null,
                Issuer = issuer,
                Signer = signer,
            };
            var read = RuleMutators.Read(json.RootElement, reading);
            if (reading.Problems.All.Count > 0)
                throw new InvalidOperationException("Mutators that were checked at load are bad now.");
            _byText[key] = new(read);
            return read;
        }
    }
}
