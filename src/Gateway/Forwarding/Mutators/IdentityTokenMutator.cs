using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Decisions;
using Gateway.Forwarding.Signing;

namespace Gateway.Forwarding.Mutators;

/// <summary><c>IdentityToken</c>: who is calling, signed for the services of an audience. Nobody has none.</summary>
internal sealed class IdentityTokenMutator : Mutator
{
    private const string Audience = "Audience";

    private readonly TokenIssuer _issuer;
    private readonly TokenSigner? _signer;
    private readonly string[] _audience;
    private readonly string _header;
    private readonly string _prefix;
    private readonly bool _isOfAnother;

    private IdentityTokenMutator(TokenIssuer issuer, TokenSigner? signer, string[] audience)
    {
        (_issuer, _signer, _audience) = (issuer, signer, audience);
        ReplacesAuthorization = issuer.Options.IsInAuthorization;
        _header = issuer.Options.Header;
        _prefix = ReplacesAuthorization ? "Bearer " : "";
        _isOfAnother = !_header.Equals(HeaderAliases.TokenHeader, StringComparison.OrdinalIgnoreCase);
        HeaderNames = ReplacesAuthorization ? [] : [_header];
    }

    public override IReadOnlyList<string> HeaderNames { get; }

    public override bool ReplacesAuthorization { get; }

    public override bool NeedsSession => _issuer.Claims.NeedsSession;

    public override string IssuerId => _issuer.Id;

    public static Mutator? Read(JsonElement value, MutatorReading reading)
    {
        var problems = reading.Problems;
        if (!reading.HasTokens)
            problems.Add("needs the section IdentityToken: set IdentityToken:Issuer and SigningKeys");
        if (value.ValueKind is not JsonValueKind.Object)
        {
            problems.Add("is not a map: write { Audience: NAME }");
            return null;
        }
        foreach (var property in value.EnumerateObject())
            if (!property.Name.Equals(Audience, StringComparison.OrdinalIgnoreCase))
                problems.AddUnknown(property.Name, [Audience]);
        var audience = AudienceOf(value);
        if (audience.Length == 0 || audience.Any(string.IsNullOrWhiteSpace))
            problems.Under(Audience, () => problems.Add("is missing: name the service that the token is for, or a list of them"));
        return problems.All.Count > 0 || reading.Issuer is null
            ? null
            : new IdentityTokenMutator(reading.Issuer, reading.Signer, audience);
    }

    public override void Apply(HttpContext context, Caller? caller, HttpRequestHeaders headers)
    {
        // No transform and no other mutator can have set X-Identity-Token.
        if (_isOfAnother)
            headers.Remove(_header);
        if (caller is null) return;
        headers.TryAddWithoutValidation(_header, _prefix.Length == 0 ? Token(context, caller) : _prefix + Token(context, caller));
    }

    private string Token(HttpContext context, Caller caller)
    {
        var signer = _signer!;
        if (_issuer.Claims.NeedsRequest) return signer.Sign(_issuer, _audience, caller, context).Text;
        if (caller.Find(this) is SignedToken known && known.RenewAt > signer.Now) return known.Text;
        var token = signer.Sign(_issuer, _audience, caller, http: null);
        caller.Keep(this, token);
        return token.Text;
    }

    private static string[] AudienceOf(JsonElement value)
    {
        var property = value.EnumerateObject().FirstOrDefault(p => p.Name.Equals(Audience, StringComparison.OrdinalIgnoreCase));
        return property.Value.ValueKind switch
        {
            JsonValueKind.String => [property.Value.GetString()!],
            JsonValueKind.Array => [.. property.Value.EnumerateArray().Select(one => one.ToString())],
            _ => [],
        };
    }
}
