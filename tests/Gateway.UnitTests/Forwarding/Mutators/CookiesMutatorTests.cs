using Gateway.Forwarding;
using Gateway.Forwarding.Mutators;

namespace Gateway.UnitTests.Forwarding.Mutators;

public sealed class CookiesMutatorTests
{
    private const string Nested = """{ "nested": { "int": 10, "float64": 3.14159, "bool": true } }""";
    private const string Claims = """{"iss":"issuer","aud":"audience"}""";

    /// <summary>
    /// Oathkeeper's cases (mutator-cookie.json), read as in HeadersMutatorTests. An empty cookie is not sent.
    /// </summary>
    [Theory]
    [InlineData("cookie-00", "{caller.subject}", "{}", "value=foo")]
    [InlineData("cookie-02", "realm:resources:users:{caller.subject}", "{}", "value=realm:resources:users:foo")]
    [InlineData("cookie-03", "{session.iss}", Claims, "value=issuer")]
    [InlineData("cookie-04", "{caller.subject} {session.iss} {session.aud}", Claims, "value=\"foo issuer audience\"")]
    [InlineData("cookie-05, -06", "{session.iss}", "{}", null)]
    [InlineData("cookie-07", "{session.nested.int}", Nested, "value=10")]
    [InlineData("cookie-07", "{session.nested.float64}", Nested, "value=3.14159")]
    [InlineData("cookie-07", "{session.nested.bool}", Nested, "value=true")]
    [InlineData("cookie-07", "{session.nested.nil}", Nested, null)]
    [InlineData(
        "cookie-08", "{session.'example.com/some-claims' | join: ','}", """{"example.com/some-claims":["Foo","Bar"]}""",
        "value=\"Foo,Bar\"")]
    public void Apply_OathkeepersCase_SendsTheSame(string id, string template, string session, string? cookie)
    {
        Assert.NotEmpty(id);
        var sent = MutatorRun.Of($$$"""[{"Cookies":{"value":"{{{template}}}"}}]""", session);

        Assert.Equal(cookie, sent.Header("Cookie"));
    }

    [Fact]
    public void Apply_ClientHasOthers_OwnComeFirst()
    {
        var sent = MutatorRun.Of("""[{"Cookies":{"user":"{caller.subject}","from":"gateway"}}]""", "{}", cookie: "theme=\"dark");

        Assert.Equal("user=foo; from=gateway; theme=\"dark", sent.Header("Cookie"));
    }

    [Theory]
    [InlineData("plain@example.org", "plain@example.org")]
    [InlineData("a; admin=1", "\"a%3B admin=1\"")]
    [InlineData("a\"b", "a%22b")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("a%3Bb", "a%253Bb")]
    [InlineData("é", "%C3%A9")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData(" a b ", "\"%20a b%20\"")]
    [InlineData("ad\u0001min", "ad%01min")]
    [InlineData("ad%01min", "ad%2501min")]
    [InlineData("  ", "%20%20")]
    public void Encode_Value_CanStandInACookie(string value, string encoded) =>
        Assert.Equal(encoded, CookiesMutator.Encode(value));

    [Theory]
    [InlineData("user=admin", null)]
    [InlineData("user=admin;issuer=x;theme=dark", "theme=dark")]
    [InlineData("a=b; USER=admin; c=d", "a=b; c=d")]
    [InlineData("a=b; user =admin", "a=b")]
    [InlineData("us%65r=admin; a=b", "a=b")]
    [InlineData("user[x]=admin; a=b", "a=b")]
    [InlineData("a=b, user=admin; c=d", "c=d")]
    [InlineData("a=b user=admin; c=d", "c=d")]
    [InlineData("a=\"x; user=admin\"", "a=\"x")]
    [InlineData("user; a=b", "a=b")]
    [InlineData("username=ann; x=user; xuser=1", "username=ann; x=user; xuser=1")]
    [InlineData("theme=John user;a=b", "theme=John user;a=b")]
    public void RemovedFrom_ClientsCookies_WithoutOwnInAnySpelling(string line, string? kept)
    {
        var lines = new OwnCookies(["user", "issuer"]).RemovedFrom(line);

        Assert.Equal(kept, lines.Count == 0 ? null : lines.ToString());
    }

    [Theory]
    [InlineData("""{"user name":"a"}""", ":0:Cookies:user name", "not a cookie name")]
    [InlineData("""{"ory_kratos_session":"a"}""", ":0:Cookies:ory_kratos_session", "Kratos' session cookie")]
    [InlineData("""{"csrf_token_1":"a"}""", ":0:Cookies:csrf_token_1", "that Kratos sets")]
    [InlineData("""{"user":"{caler.subject}"}""", ":0:Cookies:user", "did you mean caller?")]
    [InlineData("[]", ":0:Cookies", "not a map")]
    public void Read_Mistake_IsNamedWithItsPlace(string value, string place, string problem)
    {
        var found = Assert.Single(MutatorRun.Problems($$"""[{"Cookies":{{value}}}]"""));

        Assert.Equal(place, found.Place);
        Assert.Contains(problem, found.Problem, StringComparison.Ordinal);
    }
}
