using Gateway.Decisions;

namespace Gateway.UnitTests.Rules.Conditions;

public sealed class AssuranceLevelConditionTests
{
    [Theory]
    [InlineData("aal1", AssuranceLevel.Unknown, false)]
    [InlineData("aal1", AssuranceLevel.Aal1, true)]
    [InlineData("aal1", AssuranceLevel.Aal2, true)]
    [InlineData("aal2", AssuranceLevel.Unknown, false)]
    [InlineData("aal2", AssuranceLevel.Aal1, false)]
    [InlineData("aal2", AssuranceLevel.Aal2, true)]
    public void Check_Level_AtLeast(string least, object level, bool passes) =>
        Assert.Equal(
            passes ? null : Reason.SecondFactorRequired,
            RuleTest.Check("AssuranceLevel", $"\"{least}\"", RuleTest.Session(level: (AssuranceLevel)level)));

    [Theory]
    [InlineData("\"aal3\"")]
    [InlineData("\"AAL2\"")]
    [InlineData("\"2\"")]
    [InlineData("null")]
    [InlineData("[\"aal2\"]")]
    public void Read_UnknownLevel_Bad(string json) => RuleTest.AssertBad("AssuranceLevel", json);
}
