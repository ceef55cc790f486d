using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Rules;

namespace Gateway.UnitTests.Rules;

public sealed class AccessRuleTests
{
    private static (AccessRule? Rule, IReadOnlyList<(string Place, string Problem)> Problems) Read(string json)
    {
        var problems = new PlacedProblems();
        return (AccessRule.Read("r", JsonSerializer.Deserialize<JsonElement>(json), problems), problems.All);
    }

    [Theory]
    [InlineData("""{"Session":"None"}""", SessionRequirement.None)]
    [InlineData("""{"session":"optional","require":null}""", SessionRequirement.Optional)]
    [InlineData("""{"Session":"REQUIRED","Require":[]}""", SessionRequirement.Required)]
    public void Read_Rule_InAnyCase(string json, object session) =>
        Assert.Equal((SessionRequirement)session, Read(json).Rule!.Session);

    [Fact]
    public void Read_DefaultJson_RequiresASession() =>
        Assert.Equal(SessionRequirement.Required, Read(AccessRule.DefaultJson).Rule!.Session);

    [Theory]
    [InlineData("null", "")]
    [InlineData("\"None\"", "")]
    [InlineData("[]", "")]
    [InlineData("{}", ":Session")]
    [InlineData("""{"Session":null}""", ":Session")]
    [InlineData("""{"Session":"0"}""", ":Session")]
    [InlineData("""{"Session":{"None":"true"}}""", ":Session")]
    [InlineData("""{"Session":["None"]}""", ":Session")]
    [InlineData("""{"Session":"None","Requires":[]}""", ":Requires")]
    [InlineData("""{"Session":"Required","Require":"x"}""", ":Require")]
    [InlineData("""{"Session":"Required","Require":["VerifiedEmail"]}""", ":Require:0")]
    [InlineData("""{"Session":"Required","Require":[{"VerifiedEmail":"true","Schema":"a"}]}""", ":Require:0")]
    [InlineData("""{"Session":"Required","Require":[{"VerifiedEmail":"true"},{"Verified":"true"}]}""", ":Require:1:Verified")]
    [InlineData("""{"Session":"Required","Require":[{"Trait":{"Path":"a","Equal":"b"}}]}""", ":Require:0:Trait:Equal")]
    [InlineData("""{"Session":"None","Require":[{"VerifiedEmail":"true"}]}""", ":Require")]
    public void Read_BadRule_NamesThePlace(string json, string place)
    {
        var (rule, problems) = Read(json);
        Assert.Null(rule);
        Assert.Contains(problems, p => p.Place == place);
    }

    [Fact]
    public void Check_SeveralConditions_FirstThatFailsInTheirOrder()
    {
        var rule = Read(
            """{"Session":"Required","Require":[{"Schema":"default"},{"AssuranceLevel":"aal2"},{"VerifiedEmail":"true"}]}""").Rule!;
        Assert.Equal(Reason.SecondFactorRequired, rule.Check(RuleTest.Context(RuleTest.Session())));
        Assert.Equal(Reason.EmailNotVerified, rule.Check(RuleTest.Context(RuleTest.Session(level: AssuranceLevel.Aal2))));
        Assert.Null(rule.Check(RuleTest.Context(RuleTest.Session(level: AssuranceLevel.Aal2, verified: true))));
    }

    [Fact]
    public void Name_EveryReason_IsSnakeCaseAndUnique()
    {
        var names = Enum.GetValues<Reason>().Select(r => r.Name()).ToArray();
        Assert.All(names, name => Assert.Matches("^[a-z]+(_[a-z]+)*$", name));
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal("session_too_old", Reason.SessionTooOld.Name());
    }
}
