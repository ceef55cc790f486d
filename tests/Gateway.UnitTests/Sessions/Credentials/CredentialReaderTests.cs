using Gateway.Sessions.Credentials;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.UnitTests.Sessions.Credentials;

public sealed class CredentialReaderTests
{
    private static readonly CredentialReader Reader = new("sid");

    private static SessionCredential? Read(params (string Name, string Value)[] headers)
    {
        var all = new HeaderDictionary();
        foreach (var (name, value) in headers)
            all.Append(name, value);
        return Reader.Read(all);
    }

    [Fact]
    public void Read_SeveralCredentials_TakesThemInKratosOrder()
    {
        var (token, cookie, bearer) = (("X-Session-Token", "t"), ("Cookie", "sid=c"), ("Authorization", "Bearer ory_st_b"));
        Assert.Equal(new(CredentialKind.SessionToken, "t"), Read(bearer, cookie, token));
        Assert.Equal(new(CredentialKind.Cookie, "sid=c"), Read(bearer, cookie));
        Assert.Equal(new(CredentialKind.SessionToken, "ory_st_b"), Read(bearer));
        Assert.Null(Read());
    }

    [Theory]
    [InlineData("a=b; sid=c; d=e", "sid=c")]
    [InlineData("sid=c; sid=d", "sid=c; sid=d")]
    [InlineData("sid=\"c\"", "sid=\"c\"")]
    [InlineData("sid =c", "sid=c")]
    [InlineData("sid \t =c; x=y", "sid=c")]
    [InlineData("sid=c; sid=c", "sid=c")]
    [InlineData("sid=c; sid =c;sid=c", "sid=c")]
    [InlineData("sid=d; sid =c; sid=d", "sid=d; sid=c")]
    [InlineData("sid= c", "sid= c")]
    [InlineData("junk1; sid=c", "sid=c")]
    [InlineData("sid=a=", "sid=a=")]
    public void Read_SessionCookie_OnlyThatPair(string line, string value) =>
        Assert.Equal(new(CredentialKind.Cookie, value), Read(("Cookie", line)));

    [Theory]
    [InlineData("sid=")]
    [InlineData("sid")]
    [InlineData("SID=c")]
    [InlineData("xsid=c")]
    [InlineData("sidx=c")]
    [InlineData("a=sid=c")]
    public void Read_OtherCookie_None(string line) => Assert.Null(Read(("Cookie", line)));

    [Fact]
    public void Read_CookiesOnSeveralLines_All() =>
        Assert.Equal(new(CredentialKind.Cookie, "sid=1; sid=2"), Read(("Cookie", "sid=1"), ("Cookie", "a=b; sid=2")));

    [Fact]
    public void Read_EmptyTokenHeader_CountsAsNone() =>
        Assert.Equal(CredentialKind.Cookie, Read(("X-Session-Token", ""), ("Cookie", "sid=c"))!.Value.Kind);

    [Theory]
    [InlineData("Bearer ory_st_x", "ory_st_x")]
    [InlineData("bEARER ory_st_x", "ory_st_x")]
    [InlineData("bearer  ory_st_x", null)] // Kratos takes one blank
    [InlineData("Bearer \tory_st_x", null)]
    [InlineData("Bearer ory_st_x y", null)]
    [InlineData("Bearer eyJ.e30.x", null)]
    [InlineData("Bearer ORY_ST_x", null)]
    [InlineData("Bearerory_st_x", null)]
    [InlineData("Basic ory_st_x", null)]
    [InlineData("", null)]
    public void Read_Authorization_OnlySessionTokensAsKratosReadsThem(string value, string? token) =>
        Assert.Equal(token, Read(("Authorization", value))?.SessionToken);

    [Theory]
    [InlineData("Bearer ory_st_x", true)]
    [InlineData("bearer  ory_st_x", true)]
    [InlineData("Bearer \tory_st_x", true)]
    [InlineData("Bearer ory_st_x y", true)]
    [InlineData("Bearer eyJ.e30.x", false)]
    [InlineData("Basic ory_st_x", false)]
    [InlineData("", false)]
    public void IsSessionToken_AnySpelling_NoServiceGetsIt(string value, bool isToken) =>
        Assert.Equal(isToken, CredentialReader.IsSessionToken(new StringValues(value)));

    [Theory]
    [InlineData("a=b; sid=c; d=e", "a=b; d=e")]
    [InlineData("sid=c", null)]
    [InlineData("sid =c; sid=d;a=b", "a=b")]
    [InlineData("a=b;  c", "a=b;  c")]
    [InlineData("csrf_token_82b119fa=x; a=b", "a=b")]
    [InlineData("a=b; ory_kratos_continuity=x;csrf_token_1 =y; sid=z", "a=b")]
    [InlineData("csrf_token=x; xcsrf_token_1=y", "csrf_token=x; xcsrf_token_1=y")]
    [InlineData("ory_kratos_continuity_x=z", "ory_kratos_continuity_x=z")]
    [InlineData("csrf_token_1=x", null)]
    public void WithoutKratosCookies_Line_KeepsTheOthersInOrder(string line, string? kept) =>
        Assert.Equal(kept, Reader.WithoutKratosCookies(line));

    /// <summary>Go's net/http drops such a pair, so that the bearer decides.</summary>
    [Theory]
    [InlineData("sid=a\"b")]
    [InlineData("sid=\"a")]
    [InlineData("sid=a\\\\b")]
    [InlineData("sid=a\u00e9")]
    [InlineData("sid=a\tb")]
    [InlineData("sid=\"\"")]
    [InlineData("sid= ")]
    public void Read_CookieThatKratosCannotRead_CountsAsNone(string line)
    {
        Assert.Null(Read(("Cookie", line)));
        Assert.Equal(new(CredentialKind.SessionToken, "ory_st_b"), Read(("Cookie", line), ("Authorization", "Bearer ory_st_b")));
        Assert.Equal(new(CredentialKind.Cookie, "sid=c"), Read(("Cookie", line + "; sid=c")));
    }

    [Fact]
    public void Key_KindAndValue_BothCount()
    {
        Assert.NotEqual(
            new SessionCredential(CredentialKind.Cookie, "x").Key(),
            new SessionCredential(CredentialKind.SessionToken, "x").Key());
        Assert.NotEqual(
            new SessionCredential(CredentialKind.Cookie, "x").Key(),
            new SessionCredential(CredentialKind.Cookie, "y").Key());
        Assert.NotEqual(
            new SessionCredential(CredentialKind.Cookie, "\u0100").Key(),
            new SessionCredential(CredentialKind.Cookie, "\u0001\0").Key());
        Assert.NotEqual(
            new SessionCredential(CredentialKind.Cookie, new string('x', 100_000)).Key(),
            new SessionCredential(CredentialKind.Cookie, new string('x', 100_001)).Key());
    }

    [Fact]
    public void ToString_Credential_NeverPrintsIt() =>
        Assert.DoesNotContain("secret", $"{new SessionCredential(CredentialKind.Cookie, "secret")}", StringComparison.Ordinal);
}
