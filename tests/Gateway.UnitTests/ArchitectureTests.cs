using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Gateway.Forwarding.Mutators;
using Gateway.Hosting;
using Gateway.Rules;
using Gateway.UnitTests.Style;

namespace Gateway.UnitTests;

/// <summary>The house rules of docs/architecture.md, read from the source files themselves.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Which folders a folder may use. A new arrow is a decision: it belongs here, in the same commit.</summary>
    private static readonly Dictionary<string, string[]> Uses = new()
    {
        ["Telemetry"] = [],
        ["Configuration"] = [],
        ["Decisions"] = [],
        ["Network"] = ["Configuration"],
        ["Templates"] = ["Decisions", "Network", "Configuration"],
        ["Kratos"] = ["Decisions", "Network", "Configuration"],
        ["Sessions"] = ["Decisions", "Kratos", "Configuration"],
        ["Authenticators"] = ["Decisions", "Sessions"],
        ["Rules"] = ["Decisions", "Configuration"],
        ["Denials"] = ["Decisions", "Sessions", "Kratos", "Configuration"],
        ["Targets"] = ["Decisions", "Network", "Kratos", "Configuration"],
        ["Forwarding"] = ["Decisions", "Templates", "Sessions", "Network", "Configuration"],
        ["RateLimits"] = ["Decisions", "Network", "Configuration"],
        ["Access"] = ["Decisions", "Authenticators", "RateLimits", "Rules", "Targets"],
        ["Traffic"] = ["Access", "Decisions", "Forwarding", "Sessions", "Configuration"],
        ["Routes"] = ["Access", "Decisions", "RateLimits", "Rules", "Forwarding", "Targets", "Traffic", "Configuration"],
        ["KratosProxy"] = ["Routes", "RateLimits", "Decisions", "Kratos", "Sessions", "Denials", "Forwarding"],
        ["SelfService"] = ["Routes", "Decisions", "Forwarding", "Configuration"],
        ["Endpoints"] = ["Routes", "Forwarding"],
        ["Requests"] = ["Access", "Decisions", "Denials", "Network"],
        ["Replication"] = ["Sessions", "Configuration"],
        ["Management"] =
        [
            "Replication", "RateLimits", "Sessions", "Kratos", "Routes", "Access", "Rules", "Decisions", "Denials",
            "Configuration",
        ],
        ["Hosting"] =
        [
            "Access", "Authenticators", "Configuration", "Decisions", "Denials", "Endpoints", "Forwarding", "Kratos",
            "KratosProxy", "Management", "Network", "RateLimits", "Replication", "Requests", "Routes", "Rules", "SelfService",
            "Sessions", "Targets", "Traffic",
        ],
    };

    private static readonly string Root = FindRoot();

    private static readonly string Source = Path.Combine(Root, "src", "Gateway");

    private static IEnumerable<string> Files => Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
        .Where(f => !Relative(f).StartsWith("obj/", StringComparison.Ordinal)
            && !Relative(f).StartsWith("bin/", StringComparison.Ordinal));

    private static IEnumerable<Type> Types =>
        typeof(GatewayApp).Assembly.GetTypes().Where(t => t.Namespace?.StartsWith("Gateway", StringComparison.Ordinal) ?? false);

    private static string Relative(string file) => Path.GetRelativePath(Source, file).Replace('\\', '/');

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [Fact]
    public void Folders_EveryOne_UseOnlyWhatTheTableSays()
    {
        var uses = FolderUses.Of("src", "Gateway");
        var wrong = from folder in uses.Folders.Where(f => f is not "")
                    from other in uses.UsedBy(folder)
                    where other is not "Telemetry" && !Uses.GetValueOrDefault(folder, []).Contains(other)
                    select $"{folder} uses {other}:\n  {string.Join("\n  ", uses.Mentions(folder, other))}";
        Assert.True(!wrong.Any(), string.Join('\n', wrong));
    }

    [Fact]
    public void Uses_Table_HasNoCircleAndNoDeadEntry()
    {
        var folders = Files.Select(f => Relative(f).Split('/')).Where(p => p.Length > 1).Select(p => p[0]).ToHashSet();
        Assert.Equal(folders.Order(), Uses.Keys.Order());
        foreach (var folder in Uses.Keys)
            Assert.DoesNotContain(folder, Reach(folder));
        var uses = FolderUses.Of("src", "Gateway");
        Assert.Empty(Uses.SelectMany(u => u.Value.Except(uses.UsedBy(u.Key)), (u, other) => $"{u.Key} does not use {other}"));

        static IEnumerable<string> Reach(string folder) => Uses[folder].SelectMany(f => Reach(f).Prepend(f));
    }

    [Fact]
    public void Namespace_EveryFile_EqualsItsFolder()
    {
        var wrong = Files.Where(f => Relative(f) is not "Program.cs")
            .Where(f => !$"\n{File.ReadAllText(f)}".Contains(
                $"\nnamespace {string.Join('.', Relative(f).Split('/')[..^1].Prepend("Gateway"))};",
                StringComparison.Ordinal));
        Assert.Empty(wrong.Select(Relative));
        Assert.All(Files, f => Assert.InRange(Relative(f).Split('/').Length, 1, 3));
    }

    [Fact]
    public void Conditions_EveryFile_SeeNeitherHttpNorAClock()
    {
        foreach (var file in Files.Where(f => Relative(f).StartsWith("Rules/Conditions/", StringComparison.Ordinal)))
            Assert.DoesNotMatch(
                "AspNetCore|Yarp|HttpContext|HttpClient|System\\.Net|TimeProvider|DateTime(Offset)?\\.(Utc)?Now"
                    + "|ILogger|Stopwatch",
                File.ReadAllText(file));
    }

    [Fact]
    public void KratosWireFormat_OutsideKratos_IsNotKnown()
    {
        var wrong = Files.Where(f => !Relative(f).StartsWith("Kratos/", StringComparison.Ordinal))
            .Where(f => WireFormat().IsMatch(File.ReadAllText(f)));
        Assert.Empty(wrong.Select(Relative));
    }

    [Fact]
    public void StaticState_EveryType_IsReadonlyAndNotACollectionThatGrows()
    {
        var wrong = from type in Types
                    where !type.IsDefined(typeof(CompilerGeneratedAttribute))
                        && type.DeclaringType?.IsDefined(typeof(CompilerGeneratedAttribute)) is not true
                        && !type.Name.Contains('<', StringComparison.Ordinal)
                    from field in type.GetFields(
                        BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                    where !field.IsLiteral && !field.Name.Contains("__", StringComparison.Ordinal)
                    where !IsGenerated(type)
                    where !field.IsInitOnly
                        || field.FieldType.Name.StartsWith("Concurrent", StringComparison.Ordinal)
                        || field.FieldType.Name.StartsWith("List`", StringComparison.Ordinal)
                    select $"{type.Name}.{field.Name}";
        Assert.Empty(wrong);

        // Source-generated JSON contexts cache their defaults.
        static bool IsGenerated(Type type) => typeof(System.Text.Json.Serialization.JsonSerializerContext).IsAssignableFrom(type);
    }

    [Fact]
    public void Constructors_EveryType_TakeNoServiceProvider()
    {
        var wrong = from type in Types
                    from constructor in type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                    where constructor.GetParameters().Any(p => p.ParameterType == typeof(IServiceProvider))
                    select type.Name;
        Assert.Empty(wrong);
    }

    [Fact]
    public void Types_AllButWhatTheQuickstartNeeds_AreInternal() =>
        Assert.Equal(["ConfigurationException", "GatewayApp"], Types.Where(t => t.IsPublic).Select(t => t.Name).Order());

    [Fact]
    public void Names_EveryType_SayWhatItIs() =>
        Assert.DoesNotContain(Types.Select(t => t.Name), n => Vague().IsMatch(n));

    [Fact]
    public void Services_Projects_DoNotKnowTheGateway()
    {
        // Gateway.Identity is what a service may know of it: how to verify the identity token.
        foreach (var service in (string[])["HelloService", "WorldService", "Gateway.Identity"])
            Assert.DoesNotMatch(
                "ProjectReference Include=\"(?!../Gateway.Identity/Gateway.Identity.csproj\")",
                File.ReadAllText(Path.Combine(Root, "src", service, $"{service}.csproj")));
        Assert.DoesNotContain("DevKratos", File.ReadAllText(Path.Combine(Source, "Gateway.csproj")), StringComparison.Ordinal);
    }

    public static TheoryData<string> ConditionNames => [.. RuleConditions.ByName.Keys];

    [Theory]
    [MemberData(nameof(ConditionNames))]
    public void Condition_InTheIndex_HasItsFileItsTestsAndItsRowInTheDocs(string name)
    {
        Assert.True(File.Exists(Path.Combine(Source, "Rules", "Conditions", $"{name}Condition.cs")));
        var tests = typeof(ArchitectureTests).Assembly.GetType($"Gateway.UnitTests.Rules.Conditions.{name}ConditionTests");
        Assert.NotNull(tests);
        Assert.True(
            tests.GetMethods().Count(m => m.GetCustomAttributes<FactAttribute>().Any()) >= 2,
            "one test that passes and one that is bad configuration, at least");
        Assert.Matches($@"(?m)^\| `{name}[`:]", File.ReadAllText(Path.Combine(Root, "docs", "configuration.md")));
    }

    [Fact]
    public void Conditions_EveryOne_StandsInTheIndex() =>
        Assert.Equal(
            Types.Where(t => t.IsSubclassOf(typeof(RuleCondition))).Select(t => t.Name).Order(),
            RuleConditions.ByName.Keys.Select(n => $"{n}Condition").Order());

    public static TheoryData<string> MutatorNames => [.. RuleMutators.ByName.Keys];

    [Theory]
    [MemberData(nameof(MutatorNames))]
    public void Mutator_InTheIndex_HasItsFileItsTestsAndItsRowInTheDocs(string name)
    {
        Assert.True(File.Exists(Path.Combine(Source, "Forwarding", "Mutators", $"{name}Mutator.cs")));
        Assert.NotNull(
            typeof(ArchitectureTests).Assembly.GetType($"Gateway.UnitTests.Forwarding.Mutators.{name}MutatorTests"));
        Assert.Matches($@"(?m)^\| `{name}[`:]", File.ReadAllText(Path.Combine(Root, "docs", "configuration.md")));
    }

    [GeneratedRegex("\"/?(sessions/whoami|verifiable_addresses|authenticated_at|expires_at)\"")]
    private static partial Regex WireFormat();

    [GeneratedRegex("(Manager|Helper|Util|Utils|Service|Base|Common)$")]
    private static partial Regex Vague();
}
