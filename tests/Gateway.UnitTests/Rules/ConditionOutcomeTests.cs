using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Rules;

namespace Gateway.UnitTests.Rules;

public sealed class ConditionOutcomeTests
{
    private static readonly CallerSession Anna = RuleTest.Session(
        """{"email":"anna@\u00e9.test","age":42,"groups":["a","b"],"none":null}""",
        AssuranceLevel.Aal2,
        TimeSpan.FromSeconds(900.5),
        verified: true,
        schema: "staff");

    [Theory]
    [InlineData("""{"verifiedemail":"true"}""", "VerifiedEmail", true, "a verified e-mail address", "a verified e-mail address")]
    [InlineData("""{"AssuranceLevel":"aal2"}""", "AssuranceLevel", true, "at least aal2", "aal2")]
    [InlineData("""{"SessionAge":"00:15:00"}""", "SessionAge", false, "signed in at most 00:15:00 ago", "signed in 00:15:01 ago")]
    [InlineData("""{"Schema":["a","b"]}""", "Schema", false, "a or b", "staff")]
    [InlineData("""{"Trait":{"Path":"email","Equals":"x"}}""", "Trait", false, "email equals \"x\"", "\"anna@é.test\"")]
    [InlineData(
        """{"Trait":{"Path":"email","In":["x","y"]}}""",
        "Trait", false, "email is one of \"x\", \"y\"", "\"anna@é.test\"")]
    [InlineData(
        """{"Trait":{"Path":"email","StartsWith":"anna"}}""",
        "Trait", true, "email starts with \"anna\"", "\"anna@é.test\"")]
    [InlineData("""{"Trait":{"Path":"email","EndsWith":"x"}}""", "Trait", false, "email ends with \"x\"", "\"anna@é.test\"")]
    [InlineData("""{"Trait":{"Path":"groups","Contains":"b"}}""", "Trait", true, "groups contains \"b\"", "[\"a\",\"b\"]")]
    [InlineData("""{"Trait":{"Path":"age","Equals":"42"}}""", "Trait", true, "age equals \"42\"", "42")]
    [InlineData("""{"Trait":{"Path":"none","Exists":"true"}}""", "Trait", false, "none exists", null)]
    [InlineData("""{"Trait":{"Path":"no.where","Exists":"true"}}""", "Trait", false, "no.where exists", null)]
    public void Explain_Condition_SaysWhatItCompares(string json, string name, bool holds, string wanted, string? found) =>
        Assert.Equal(new ConditionOutcome(name, holds, wanted, found), Explain(json, RuleTest.Context(Anna)));

    [Fact]
    public void Explain_Nobody_LooksAtNothing() =>
        Assert.Equal(
            new ConditionOutcome("AssuranceLevel", null, "at least aal2", null), Explain("""{"AssuranceLevel":"aal2"}""", null));

    [Fact]
    public void Explain_CallerWithoutSession_FindsNothing() =>
        Assert.Equal(
            new ConditionOutcome("SessionAge", false, "signed in at most 00:15:00 ago", null),
            Explain("""{"SessionAge":"00:15:00"}""", RuleTest.Context(null)));

    [Fact]
    public void Explain_EndlessTrait_IsCut()
    {
        var session = RuleTest.Session($$"""{"bio":"{{new string('x', 5000)}}"}""");

        var outcome = Explain("""{"Trait":{"Path":"bio","Exists":"true"}}""", RuleTest.Context(session));

        Assert.Equal(201, outcome.Found!.Length);
    }

    [Fact]
    public void Failing_SeveralConditions_IsTheOneThatCheckRefusesFor()
    {
        var rule = Rule(
            """{"Schema":"staff"},{"AssuranceLevel":"aal1"},{"Schema":"other"},{"Trait":{"Path":"x","Exists":"true"}}""");

        Assert.Equal(Reason.SchemaMismatch, rule.Check(RuleTest.Context(Anna)));
        Assert.Same(rule.Require[2], rule.Failing(RuleTest.Context(Anna)));
    }

    private static ConditionOutcome Explain(string json, RuleContext? context) => Assert.Single(Rule(json).Explain(context));

    private static AccessRule Rule(string conditions) => AccessRule.Read(
        "r",
        JsonSerializer.Deserialize<JsonElement>($$"""{"Session":"Required","Require":[{{conditions}}]}"""),
        new PlacedProblems())!;
}
