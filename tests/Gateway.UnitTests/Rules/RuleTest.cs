using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Rules;

namespace Gateway.UnitTests.Rules;

/// <summary>What the tests of conditions share.</summary>
internal static class RuleTest
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static CallerSession Session(
        string traits = "{}", AssuranceLevel level = AssuranceLevel.Aal1, TimeSpan age = default, bool verified = false,
        string schema = "default", string address = "ann@example.org") =>
        new("s", schema, level, Now - age, verified ? [address] : [], new(JsonSerializer.Deserialize<JsonElement>(traits)));

    /// <summary>Reads the condition through the index, as configuration does.</summary>
    public static RuleCondition? Read(string name, string json, PlacedProblems? problems = null) =>
        RuleConditions.ByName[name](JsonSerializer.Deserialize<JsonElement>(json), problems ?? new());

    public static RuleContext Context(CallerSession? session) =>
        new(new Caller("i", "kratos", Now.AddHours(1)) { Session = session }, Now);

    public static Reason? Check(string name, string json, CallerSession? session) => Read(name, json)!.Check(Context(session));

    public static void AssertBad(string name, string json)
    {
        var problems = new PlacedProblems();
        Assert.Null(Read(name, json, problems));
        Assert.NotEmpty(problems.All);
    }
}
