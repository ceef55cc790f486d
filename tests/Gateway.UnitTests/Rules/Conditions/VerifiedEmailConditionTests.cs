using Gateway.Decisions;


namespace Gateway.UnitTests.Rules.Conditions;

public sealed class VerifiedEmailConditionTests
{
    [Fact]
    public void Check_VerifiedOrNot_LetsInTheVerified()
    {
        Assert.Null(RuleTest.Check("VerifiedEmail", "\"true\"", RuleTest.Session(verified: true)));
        Assert.Equal(Reason.EmailNotVerified, RuleTest.Check("verifiedemail", "\"True\"", RuleTest.Session()));
    }

    [Theory]
    [InlineData("\"false\"")]
    [InlineData("\"yes\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Read_AnythingButTrue_Bad(string json) => RuleTest.AssertBad("VerifiedEmail", json);
}
