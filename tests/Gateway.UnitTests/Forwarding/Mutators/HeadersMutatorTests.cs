using Gateway.Decisions;
using Gateway.Forwarding.Mutators;

namespace Gateway.UnitTests.Forwarding.Mutators;

public sealed class HeadersMutatorTests
{
    private const string Nested = """{ "nested": { "int": 10, "float64": 3.14159, "bool": true } }""";

    /// <summary>
    /// Oathkeeper's cases (mutator-header.json): its <c>.Subject</c> is <c>caller.subject</c> here, <c>.Extra</c> the
    /// session. Where it sends an empty header we send none.
    /// </summary>
    [Theory]
    [InlineData("header-00", "{caller.subject}", "{}", "foo")]
    [InlineData("header-01", "realm:resources:users:{caller.subject}", "{}", "realm:resources:users:foo")]
    [InlineData(
        "header-03", "{caller.subject} {session.iss} {session.aud}", """{"iss":"issuer","aud":"audience"}""",
        "foo issuer audience")]
    [InlineData("header-04", "{session.iss}", "{}", null)]
    [InlineData("header-06", "{session.nested.int}", Nested, "10")]
    [InlineData("header-06", "{session.nested.float64}", Nested, "3.14159")]
    [InlineData("header-06", "{session.nested.bool}", Nested, "true")]
    [InlineData("header-06", "{session.nested.nil}", Nested, null)]
    [InlineData("header-09", "{match.0}", "{}", "Foo")]
    public void Apply_OathkeepersCase_SetsTheSame(string id, string template, string session, string? value)
    {
        Assert.NotEmpty(id);
        var sent = MutatorRun.Of($$$"""[{"Headers":{"X-Value":"{{{template}}}"}}]""", session, captures: ["Foo", "Bar"]);

        Assert.Equal(value, sent.Header("X-Value"));
    }

    [Fact]
    public void Apply_Nobody_SetsConstantsAndDefaults()
    {
        var sent = MutatorRun.Of(
            """[{"Headers":{"X-User":"{caller.subject | default: guest}","X-From":"gateway","X-Id":"{identity.id}"}}]""",
            session: null);

        Assert.Equal("guest", sent.Header("X-User"));
        Assert.Equal("gateway", sent.Header("X-From"));
        Assert.Null(sent.Header("X-Id"));
    }

    [Theory]
    [InlineData("""a\r\nX-Admin: yes""", null)]
    [InlineData("""a\u0000\u0085b""", null)]
    [InlineData(""" a""", null)]
    [InlineData("""\ud800""", null)]
    [InlineData("""é\"😀""", "é\"😀")]
    public void Apply_OddTrait_IsTheValueOrNothing(string trait, string? value)
    {
        var sent = MutatorRun.Of("""[{"Headers":{"X-Name":"{identity.traits.name}"}}]""", Named(trait));

        Assert.Equal(value, sent.Header("X-Name"));
        Assert.Null(sent.Header("X-Admin"));
    }

    private static string Named(string name) => $$$$"""{"identity":{"traits":{"name":"{{{{name}}}}"}}}""";

    [Fact]
    public void Apply_LaterOfOneName_TakesItsPlace()
    {
        var sent = MutatorRun.Of("""[{"Headers":{"X-User":"one"}},{"Headers":{"X-User":"two"}}]""", "{}");

        Assert.Equal("two", sent.Header("X-User"));
    }

    [Fact]
    public void Apply_SecondTime_RendersOnlyWhatTheRequestDecides()
    {
        var mutator = MutatorRun.Read("""[{"Headers":{"X-User":"{session.id}","X-Path":"{match.0}"}}]""").Single();
        var caller = MutatorRun.Caller("""{"id":"s1"}""");

        Assert.Equal("s1 a", Send("a"));
        var kept = (string?[]?)caller.Find(Assert.IsType<HeadersMutator>(mutator).Templates);
        Assert.Equal("s1", Assert.Single(kept!, value => value is not null));
        kept![0] = "kept";
        Assert.Equal("kept b", Send("b"));

        string Send(string capture)
        {
            var message = new HttpRequestMessage();
            mutator.Apply(MutatorRun.Request([capture]), caller, message.Headers);
            return $"{message.Header("X-User")} {message.Header("X-Path")}";
        }
    }

    [Fact]
    public void Keep_ManyMakers_KeepsABoundedNumber()
    {
        var caller = new Caller("a", "kratos", DateTimeOffset.UnixEpoch);
        var makers = Enumerable.Range(0, 100).Select(_ => new object()).ToArray();
        foreach (var maker in makers)
            caller.Keep(maker, "made");

        Assert.InRange(makers.Count(maker => caller.Find(maker) is not null), 1, 32);
        Assert.NotNull(caller.Find(makers[^1]));
    }

    [Theory]
    [InlineData("""{"X-User":"{caller.subjekt}"}""", ":0:Headers:X-User", "did you mean subject?")]
    [InlineData("""{"X User":"a"}""", ":0:Headers:X User", "not a header name")]
    [InlineData("""{"Host":"a"}""", ":0:Headers:Host", "HTTP itself sets")]
    [InlineData("""{"Cookie":"a"}""", ":0:Headers:Cookie", "HTTP itself sets")]
    [InlineData("""{"X-Forwarded-For":"a"}""", ":0:Headers:X-Forwarded-For", "HTTP itself sets")]
    [InlineData("""{"X-Identity-Token":"a"}""", ":0:Headers:X-Identity-Token", "HTTP itself sets")]
    [InlineData("""{"X-User":"a","X_User":"b"}""", ":0:Headers:X_User", "is the same name")]
    [InlineData("""{"X-User":""}""", ":0:Headers:X-User", "is empty")]
    [InlineData("""{"X-User":["a"]}""", ":0:Headers:X-User", "is empty")]
    [InlineData("""{"X-User":"é"}""", ":0:Headers:X-User", "cannot stand in a header")]
    [InlineData("{}", ":0:Headers", "not a map")]
    [InlineData("\"a\"", ":0:Headers", "not a map")]
    public void Read_Mistake_IsNamedWithItsPlace(string value, string place, string problem)
    {
        var found = Assert.Single(MutatorRun.Problems($$"""[{"Headers":{{value}}}]"""));

        Assert.Equal(place, found.Place);
        Assert.Contains(problem, found.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Headers":{}}""", "", "not a list")]
    [InlineData("""["Headers"]""", ":0", "not one mutator")]
    [InlineData("""[{"Header":{"X-User":"a"}}]""", ":0:Header", "did you mean Headers?")]
    [InlineData("""[{"Headers":{"X-User":"a"},"Cookies":{"a":"b"}}]""", ":0", "not one mutator")]
    public void Read_ListOfMutators_Mistake_IsNamedWithItsPlace(string list, string place, string problem)
    {
        var found = Assert.Single(MutatorRun.Problems(list));

        Assert.Equal(place, found.Place);
        Assert.Contains(problem, found.Problem, StringComparison.Ordinal);
    }
}
