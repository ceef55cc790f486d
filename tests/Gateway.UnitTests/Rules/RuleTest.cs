using System.Text.Json;
using Gateway.Decisions;
using Gateway.Kratos;
using Gateway.Rules;

namespace Gateway.UnitTests.Rules;

/// <summary>What the tests of conditions share.</summary>
internal static class RuleTest
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static KratosSession Session(
        string traits = "{}", AssuranceLevel level = AssuranceLevel.Aal1, TimeSpan age = default, bool verified = false,
        string schema = "default") =>
        new("s", "i", schema, level, Now - age, Now.AddHours(1), verified, new(JsonSerializer.Deserialize<JsonElement>(traits)));

    /// <summary>Reads the condition through the index, as configuration does.</summary>
    public static RuleCondition? Read(string name, string json, RuleProblems? problems = null) =>
        RuleConditions.ByName[name](JsonSerializer.Deserialize<JsonElement>(json), problems ?? new());

    public static Reason? Check(string name, string json, KratosSession session) => Read(name, json)!.Check(new(session, Now));

    public static void AssertBad(string name, string json)
    {
        var problems = new RuleProblems();
        Assert.Null(Read(name, json, problems));
        Assert.NotEmpty(problems.All);
    }
}
