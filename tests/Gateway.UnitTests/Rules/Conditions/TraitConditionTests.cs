using Gateway.Decisions;


namespace Gateway.UnitTests.Rules.Conditions;

public sealed class TraitConditionTests
{
    private const string Traits =
        """{"email":"anna@example.org","age":42,"staff":true,"none":null,"name":{"first":"Anna"},"groups":["a","b",7,true,null],"empty":""}""";

    [Theory]
    [InlineData("email", "Equals", "\"anna@example.org\"", true)]
    [InlineData("email", "Equals", "\"Anna@example.org\"", false)]
    [InlineData("email", "In", "[\"x\",\"anna@example.org\"]", true)]
    [InlineData("email", "In", "[\"x\"]", false)]
    [InlineData("email", "StartsWith", "\"anna@\"", true)]
    [InlineData("email", "StartsWith", "\"nna\"", false)]
    [InlineData("email", "EndsWith", "\"@example.org\"", true)]
    [InlineData("email", "EndsWith", "\"@example.or\"", false)]
    [InlineData("email", "Contains", "\"@ex\"", true)]
    [InlineData("email", "Contains", "\"@EX\"", false)]
    [InlineData("email", "Exists", "\"true\"", true)]
    [InlineData("empty", "Exists", "\"true\"", true)]
    [InlineData("none", "Exists", "\"true\"", false)]
    [InlineData("missing", "Exists", "\"true\"", false)]
    [InlineData("age", "Equals", "\"42\"", true)]
    [InlineData("age", "Equals", "\"42.0\"", false)]
    [InlineData("staff", "Equals", "\"true\"", true)]
    [InlineData("staff", "Equals", "\"True\"", false)]
    [InlineData("none", "Equals", "\"null\"", false)]
    [InlineData("name.first", "Equals", "\"Anna\"", true)]
    [InlineData("name.last", "Exists", "\"true\"", false)]
    [InlineData("name", "Exists", "\"true\"", true)]
    [InlineData("name", "Contains", "\"Anna\"", false)]
    [InlineData("email.x", "Exists", "\"true\"", false)]
    [InlineData("groups", "Contains", "\"b\"", true)]
    [InlineData("groups", "Contains", "\"7\"", true)]
    [InlineData("groups", "Contains", "\"true\"", true)]
    [InlineData("groups", "Contains", "\"null\"", false)]
    [InlineData("groups", "Contains", "\"c\"", false)]
    [InlineData("groups", "Equals", "\"a\"", false)]
    [InlineData("groups", "In", "[\"a\"]", false)]
    [InlineData("Email", "Exists", "\"true\"", false)]
    public void Check_Trait_PassesItsTest(string path, string test, string value, bool passes) =>
        Assert.Equal(
            passes ? null : Reason.TraitMismatch,
            RuleTest.Check("Trait", $$"""{"Path":"{{path}}","{{test}}":{{value}}}""", RuleTest.Session(Traits)));

    [Theory]
    [InlineData("Equals", "{\"a\":\"\\ud800\"}")]
    [InlineData("In", "{\"a\":\"\\ud800\"}")]
    [InlineData("Contains", "{\"a\":[\"\\ud800\"]}")]
    public void Check_HalfACharacter_Mismatch(string test, string traits) =>
        Assert.Equal(
            Reason.TraitMismatch,
            RuleTest.Check("Trait", $$"""{"Path":"a","{{test}}":"x"}""", RuleTest.Session(traits)));

    [Fact]
    public void Check_NoTraits_Mismatch() =>
        Assert.Equal(
            Reason.TraitMismatch,
            RuleTest.Check("Trait", """{"Path":"a","Exists":"true"}""", RuleTest.Session() with { Traits = new(default) }));

    [Theory]
    [InlineData("\"email\"")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Path":"a"}""")]
    [InlineData("""{"Path":"a","In":["b",""]}""")]
    [InlineData("""{"Path":"a","In":["","b"]}""")]
    [InlineData("""{"Equals":"a"}""")]
    [InlineData("""{"Path":"","Equals":"a"}""")]
    [InlineData("""{"Path":"a..b","Equals":"a"}""")]
    [InlineData("""{"Path":["a"],"Equals":"a"}""")]
    [InlineData("""{"Path":"a","Equals":""}""")]
    [InlineData("""{"Path":"a","Equals":["a","b"]}""")]
    [InlineData("""{"Path":"a","Equals":{"a":"b"}}""")]
    [InlineData("""{"Path":"a","Equals":null}""")]
    [InlineData("""{"Path":"a","In":[]}""")]
    [InlineData("""{"Path":"a","Exists":"false"}""")]
    [InlineData("""{"Path":"a","Equals":"a","In":["b"]}""")]
    [InlineData("""{"Path":"a","Equal":"a"}""")]
    [InlineData("""{"Path":"a","Equals":"a","Note":"b"}""")]
    [InlineData("""{"Path":"a","0":"a"}""")]
    public void Read_Malformed_Bad(string json) => RuleTest.AssertBad("Trait", json);
}
