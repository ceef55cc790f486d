using Gateway.Decisions;


namespace Gateway.UnitTests.Rules.Conditions;

public sealed class SchemaConditionTests
{
    [Theory]
    [InlineData("\"employee\"", "employee", true)]
    [InlineData("[\"customer\",\"employee\"]", "employee", true)]
    [InlineData("\"employee\"", "Employee", false)]
    [InlineData("\"employee\"", "employees", false)]
    [InlineData("\"employee\"", "", false)]
    public void Check_Schema_ExactlyOneOfThem(string names, string schema, bool passes) =>
        Assert.Equal(passes ? null : Reason.SchemaMismatch, RuleTest.Check("Schema", names, RuleTest.Session(schema: schema)));

    [Theory]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("[\"\"]")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Read_NoName_Bad(string json) => RuleTest.AssertBad("Schema", json);
}
