using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;

namespace Gateway.Rules;

internal enum SessionRequirement
{
    /// <summary>Kratos is never asked.</summary>
    None,

    /// <summary>The identity is attached when there is one; whatever else happens, the request goes on as anonymous.</summary>
    Optional,

    Required,
}

/// <summary>A route's access rule, compiled once and carried in the endpoint's metadata.</summary>
internal sealed record AccessRule(string Name, SessionRequirement Session, IReadOnlyList<RuleCondition> Require)
{
    /// <summary>The rule of a route that names none: a session is required. Nothing is public by omission.</summary>
    public const string DefaultName = "default";

    /// <summary>The rule's JSON, as it travels in a route's metadata (see <see cref="Read"/>).</summary>
    public const string DefaultJson = """{"Session":"Required"}""";

    /// <summary>Mutators are no part of the decision: whoever forwards reads them.</summary>
    private static readonly string[] Keys = ["Session", "Require", "Mutators"];

    /// <summary>Whether what the service is told needs the session's whole JSON.</summary>
    public bool NeedsSessionJson { get; init; }

    /// <summary>The first condition that does not hold, or null when the session is let in.</summary>
    public Reason? Check(in RuleContext context)
    {
        for (var i = 0; i < Require.Count; i++)
            if (Require[i].Check(context) is { } reason) return reason;
        return null;
    }

    /// <summary>The condition for which <see cref="Check"/> refuses; null: it does not.</summary>
    public RuleCondition? Failing(in RuleContext context)
    {
        foreach (var condition in Require)
            if (condition.Check(context) is not null) return condition;
        return null;
    }

    /// <summary>Every condition with what it compares.</summary>
    /// <param name="context">Null: nobody was found to be calling.</param>
    public IReadOnlyList<ConditionOutcome> Explain(RuleContext? context) =>
        [.. Require.Select(condition => condition.Explain(context))];

    /// <summary>
    /// Reads a rule from the JSON of its configuration section; null, with every problem listed, when it is bad.
    /// </summary>
    public static AccessRule? Read(string name, JsonElement json, PlacedProblems problems)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            problems.Add("is not a rule: write at least { Session: Required }");
            return null;
        }

        var before = problems.All.Count;
        foreach (var property in json.EnumerateObject())
            if (!Keys.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                problems.AddUnknown(property.Name, Keys);

        var session = ReadSession(json, problems);
        var conditions = new List<RuleCondition>();
        if (json.Get("Require") is { ValueKind: not JsonValueKind.Null } require)
            problems.Under("Require", () => NamedParts.Read(require, "condition", RuleConditions.ByName, problems, Add));
        if (conditions.Count > 0 && session is not (null or SessionRequirement.Required))
            problems.Under("Require", () => problems.Add(
                $"needs Session: Required; with Session: {session} the conditions would not protect the route"));

        return problems.All.Count > before ? null : new(name, session!.Value, [.. VerifiedAddresses.Bind(conditions)]);

        void Add(string known, ConditionReader read, JsonElement value)
        {
            if (read(value, problems) is { } condition)
                conditions.Add(condition with { Name = known });
        }
    }

    private static SessionRequirement? ReadSession(JsonElement json, PlacedProblems problems) =>
        problems.Under<SessionRequirement?>("Session", () =>
        {
            if (json.Get("Session") is not { ValueKind: not JsonValueKind.Null } value)
            {
                problems.Add("is missing: set it to None, Optional or Required");
                return null;
            }
            var names = Enum.GetNames<SessionRequirement>();
            if (value.AsText() is { } text && names.Contains(text, StringComparer.OrdinalIgnoreCase))
                return Enum.Parse<SessionRequirement>(text, ignoreCase: true);
            problems.Add("is not None, Optional or Required");
            return null;
        });
}
