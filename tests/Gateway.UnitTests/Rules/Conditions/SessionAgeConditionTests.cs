using Gateway.Decisions;


namespace Gateway.UnitTests.Rules.Conditions;

public sealed class SessionAgeConditionTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(899, true)]
    [InlineData(900, true)]
    [InlineData(901, false)]
    [InlineData(-60, true)] // Kratos' clock is a little ahead
    public void Check_Age_UpToTheLimit(int seconds, bool passes) =>
        Assert.Equal(
            passes ? null : Reason.SessionTooOld,
            RuleTest.Check("SessionAge", "\"00:15:00\"", RuleTest.Session(age: TimeSpan.FromSeconds(seconds))));

    [Fact]
    public void Check_NeverAuthenticated_TooOld() =>
        Assert.Equal(
            Reason.SessionTooOld,
            RuleTest.Check(
                "SessionAge", "\"366.00:00:00\"", RuleTest.Session() with { AuthenticatedAt = DateTimeOffset.MinValue }));

    [Theory]
    [InlineData("\"00:00:01\"")]
    [InlineData("\"366.00:00:00\"")]
    public void Read_BoundItself_Good(string json) => Assert.NotNull(RuleTest.Read("SessionAge", json));

    [Theory]
    [InlineData("\"15\"")]
    [InlineData("\"15m\"")]
    [InlineData("\"00:00:00\"")]
    [InlineData("\"-00:15:00\"")]
    [InlineData("\"367.00:00:00\"")]
    [InlineData("\"00:00:00.9999999\"")]
    [InlineData("\"366.00:00:00.0000001\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Read_NoDuration_Bad(string json) => RuleTest.AssertBad("SessionAge", json);
}
