using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Forwarding.Signing;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.UnitTests.Forwarding.Signing;

public sealed class TokenIssuerTests : IDisposable
{
    private readonly Tokens _tokens = new();

    public void Dispose() => _tokens.Dispose();

    private static string Section(string more) => $$"""{ "Issuer": "https://a.test", {{more}} }""";

    private static string Jwk(ECDsa key, bool isPrivate = true, string? id = null)
    {
        var p = key.ExportParameters(isPrivate);
        return JsonSerializer.Serialize(new
        {
            kty = "EC",
            crv = "P-256",
            kid = id,
            x = Base64UrlEncoder.Encode(p.Q.X!),
            y = Base64UrlEncoder.Encode(p.Q.Y!),
            d = isPrivate ? Base64UrlEncoder.Encode(p.D!) : null,
        });
    }

    public static TheoryData<string, string> Keys()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var jwk = Jwk(ec, id: "mine");
        return new()
        {
            { ec.ExportPkcs8PrivateKeyPem(), "ES256" },
            { ec.ExportECPrivateKeyPem(), "ES256" },
            { rsa.ExportPkcs8PrivateKeyPem(), "RS256" },
            { rsa.ExportRSAPrivateKeyPem(), "RS256" },
            { jwk, "ES256" },
            { $$"""{ "keys": [ {{jwk}} ] }""", "ES256" },
        };
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Read_KeyFile_TakesItAndPublishesThePublicPartAlone(string text, string algorithm)
    {
        _tokens.Write("key", text);
        var issuer = _tokens.Read(Section(""" "SigningKeys": [ { "File": "key" } ] """), out var errors)!;

        Assert.Empty(errors);
        Assert.Equal(algorithm, issuer.Keys.Single().Algorithm);
        Assert.NotEmpty(issuer.Sign("{}"));
        var keys = Encoding.UTF8.GetString(new TokenIssuers(issuer, _tokens.Time).PublicKeys());
        using var json = JsonDocument.Parse(keys);
        string[] known = ["kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"];
        Assert.All(json.RootElement.GetProperty("keys")[0].EnumerateObject(), member => Assert.Contains(member.Name, known));
        var id = text.Contains("mine", StringComparison.Ordinal) ? "mine" : issuer.Keys[0].Id;
        Assert.Equal(id, json.RootElement.GetProperty("keys")[0].GetProperty("kid").GetString());
    }

    public static TheoryData<string, string> BadKeys()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var small = RSA.Create(1024);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new()
        {
            { p384.ExportPkcs8PrivateKeyPem(), "no private key for ES256" },
            { small.ExportPkcs8PrivateKeyPem(), "2048 bits" },
            { ec.ExportSubjectPublicKeyInfoPem(), "no private key" },
            { Jwk(ec, isPrivate: false), "no private part" },
            { """{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}""", "neither of EC P-256 nor RSA" },
            { """{"keys":[]}""", "the set is empty" },
            { "not a key", "no private key" },
            { "{ not json", "no private key" },
            { "", "no private key" },
        };
    }

    [Theory]
    [MemberData(nameof(BadKeys))]
    public void Read_BadKeyFile_SaysWhyWithoutTheKey(string text, string problem)
    {
        _tokens.Write("key", text);

        Assert.Null(_tokens.Read(Section(""" "SigningKeys": [ { "File": "key" } ] """), out var errors));
        var error = Assert.Single(errors);
        Assert.Equal("IdentityToken:SigningKeys:0:File", error.Key);
        Assert.Contains(problem, error.Problem, StringComparison.Ordinal);
        Assert.Contains("gateway keys new", error.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Issuer": "a" }""", "IdentityToken:SigningKeys", "gateway keys new FILE")]
    [InlineData(
        """{ "Issuer": "a", "SigningKeys": [ { "File": "none.pem" } ] }""", "IdentityToken:SigningKeys:0:File", "is not there")]
    [InlineData("""{ "Issuer": "a", "SigningKeys": [ { "File": "" } ] }""", "IdentityToken:SigningKeys:0:File", "cannot be read")]
    [InlineData("""{ "SigningKeys": [ { "File": "one.pem" } ] }""", "IdentityToken:Issuer", "is missing")]
    [InlineData("""{ "Lifetime": "02:00:00" }""", "IdentityToken:Lifetime", "outside")]
    [InlineData("""{ "Header": "Cookie" }""", "IdentityToken:Header", "HTTP itself sets")]
    [InlineData(
        """{ "Issuer": "a", "SigningKeys": [ { "File": "one.pem" }, { "File": "one.pem" } ] }""", "IdentityToken:SigningKeys",
        "two keys of one id")]
    [InlineData(
        """{ "Issuer": "a", "SigningKeys": [ { "File": "one.pem" } ], "Claims": { "Sub": "x" } }""", "IdentityToken:Claims:Sub",
        "only the gateway sets")]
    [InlineData(
        """{ "Issuer": "a", "SigningKeys": [ { "File": "one.pem" } ], "Claims": { "a": { "b": "{sesion.id}" } } }""",
        "IdentityToken:Claims:a:b", "did you mean session?")]
    [InlineData(
        """{ "Issuer": "a", "SigningKeys": [ { "File": "one.pem" } ], "Claims": "x" }""", "IdentityToken:Claims", "not a map")]
    public void Read_Mistake_IsNamedWithItsCure(string section, string key, string problem)
    {
        _tokens.NewKey("one.pem");
        _tokens.Read(section, out var errors);

        var error = Assert.Single(errors);
        Assert.Equal(key, error.Key);
        Assert.Contains(problem, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DevelopmentWithoutAKey_GeneratesOneAndKeepsIt()
    {
        var first = _tokens.Read("""{ "Issuer": "a" }""", out var errors, isDevelopment: true);
        var second = _tokens.Read("""{ "Issuer": "a" }""", out _, isDevelopment: true);

        Assert.Empty(errors);
        Assert.Equal(first!.Keys[0].Id, second!.Keys[0].Id);
        Assert.Equal(first.Id, second.Id);
    }

    [Fact]
    public void PublicKeys_AfterARotation_HoldTheOldUntilItsLastTokenHasEnded()
    {
        var old = _tokens.Issuer(key: "old.pem");
        var issuers = new TokenIssuers(old, _tokens.Time);
        var next = _tokens.Issuer(key: "new.pem");

        issuers.Offer(next);
        issuers.TakeOver();

        Assert.Equal([next.Keys[0].Id, old.Keys[0].Id], Ids(issuers));
        Assert.Same(next, issuers.Find(next.Id));
        _tokens.Time.Advance(TimeSpan.FromMinutes(5.5));
        Assert.Equal([next.Keys[0].Id, old.Keys[0].Id], Ids(issuers));
        _tokens.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([next.Keys[0].Id], Ids(issuers));
    }

    [Fact]
    public void PublicKeys_OfALoadThatIsNotInForce_HoldThoseInForceForAsLong()
    {
        var old = _tokens.Issuer(key: "old.pem");
        var issuers = new TokenIssuers(old, _tokens.Time);
        var next = _tokens.Issuer(key: "new.pem");

        issuers.Offer(next);
        _tokens.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal([next.Keys[0].Id, old.Keys[0].Id], Ids(issuers));
        Assert.Same(old, issuers.Find(old.Id));
    }

    [Fact]
    public void Read_AnotherKeyOfTheSameId_IsAnotherIssuer()
    {
        using var stolen = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var section = Section(""" "SigningKeys": [ { "File": "key" } ] """);
        _tokens.Write("key", Jwk(stolen, id: "mine"));
        var issuers = new TokenIssuers(_tokens.Read(section, out _), _tokens.Time);
        _tokens.Write("key", Jwk(fresh, id: "mine"));
        var next = _tokens.Read(section, out _)!;

        issuers.Offer(next);

        Assert.Same(next, issuers.Find(next.Id));
    }

    [Fact]
    public void Read_DevelopmentWhereNoKeyCanBeWritten_SaysSo()
    {
        _tokens.Read(Section(""" "SigningKeys": [ { "File": "nowhere/key.pem" } ] """), out var errors, isDevelopment: true);

        var error = Assert.Single(errors);
        Assert.Equal("IdentityToken:SigningKeys:0:File", error.Key);
        Assert.Contains("is not there", error.Problem, StringComparison.Ordinal);
    }

    private static string[] Ids(TokenIssuers issuers)
    {
        using var json = JsonDocument.Parse(issuers.PublicKeys());
        return [.. json.RootElement.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];
    }
}
