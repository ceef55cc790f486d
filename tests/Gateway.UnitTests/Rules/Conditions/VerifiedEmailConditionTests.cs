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
    [InlineData("""{"Trait":"email"}""", """{"email":"ann@example.org"}""", null)]
    [InlineData("""{"trait":"email"}""", """{"email":"Ann@Example.org"}""", null)]
    [InlineData("""{"Trait":"a.email","EndsWith":"@example.org"}""", """{"a":{"email":"ann@example.org"}}""", null)]
    [InlineData("""{"Trait":"email","EndsWith":"@corp.test"}""", """{"email":"ann@example.org"}""", Reason.TraitMismatch)]
    [InlineData("""{"Trait":"email"}""", """{"email":"eve@example.org"}""", Reason.EmailNotVerified)]
    [InlineData("""{"Trait":"email"}""", """{"email":" ann@example.org"}""", Reason.EmailNotVerified)]
    [InlineData("""{"Trait":"email"}""", """{"email":{"x":"ann@example.org"}}""", Reason.EmailNotVerified)]
    [InlineData("""{"Trait":"email"}""", """{"email":5}""", Reason.EmailNotVerified)]
    [InlineData("""{"Trait":"email"}""", "{}", Reason.EmailNotVerified)]
    [InlineData("""{"Trait":"all"}""", """{"all":["eve@example.org","ann@example.org"]}""", null)]
    [InlineData("""{"Trait":"all"}""", """{"all":["eve@example.org",["ann@example.org"]]}""", Reason.EmailNotVerified)]
    [InlineData("""{"Trait":"all","Contains":"eve@example.org"}""", """{"all":["eve@example.org","ann@example.org"]}""",
        Reason.EmailNotVerified)]
    [InlineData("""{"Trait":"all","Contains":"ann"}""", """{"all":["ann@example.org"]}""", Reason.TraitMismatch)]
    public void Check_OfATrait_LetsInWhoHasVerifiedThatAddress(string condition, string traits, object? refused) =>
        Assert.Equal(
            (Reason?)refused, RuleTest.Check("VerifiedEmail", condition, RuleTest.Session(traits, verified: true)));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"Trait":""}""")]
    [InlineData("""{"Trait":"a..b"}""")]
    [InlineData("""{"Path":"email"}""")]
    [InlineData("""{"Trait":"email","Ends":"@x"}""")]
    [InlineData("""{"Trait":"email","EndsWith":""}""")]
    [InlineData("""{"Trait":"email","EndsWith":"@x","StartsWith":"y"}""")]
    public void Read_BadTrait_Bad(string json) => RuleTest.AssertBad("VerifiedEmail", json);

    [Theory]
    [InlineData("\"false\"")]
    [InlineData("\"yes\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Read_AnythingButTrue_Bad(string json) => RuleTest.AssertBad("VerifiedEmail", json);
}
