using System.Text;
using Gateway.Hosting;
using Gateway.IntegrationTests.Harness;
using Gateway.Routes;
using Gateway.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.IntegrationTests;

/// <summary>
/// Whatever stands in the file: a mistake with its name, never a crash, and never a configuration that only seems to be in force.
/// </summary>
public sealed class HostileConfigurationTests : IDisposable
{
    private const string Kratos = "Kratos: { PublicUrl: \"http://127.0.0.1:4433\" }\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("AccessRules: &a { r: *a }", "nested deeper")]
    [InlineData("Sessions: &a [ *a ]", "nested deeper")]
    [InlineData("AccessRules: { r: { Session: [Required] } }", "AccessRules:r:Session")]
    [InlineData("AccessRules: { r: { Session: { a: b } } }", "AccessRules:r:Session")]
    [InlineData("AccessRules: text", "AccessRules = \"text\" is a single value")]
    [InlineData(
        "ReverseProxy: { Clusters: { kratos: { Destinations: { a: { Address: \"http://x\" } } } } }",
        "Clusters:kratos has a name")]
    [InlineData(
        "ReverseProxy: { Clusters: { Self-Service: { Destinations: { a: { Address: \"http://x\" } } } } }",
        "Clusters:Self-Service has a name")]
    [InlineData("ReverseProxy: { Routes: { Kratos: { ClusterId: x, Match: { Path: /x } } } }", "Routes:Kratos has a name")]
    [InlineData("Cors: text", "Cors = \"text\" is a single value")]
    [InlineData("Cors: { Policies: [ a ] }", "Cors:Policies:0")]
    [InlineData("Cors: { Policies: { web: [ a ] } }", "Cors:Policies:web:0 = \"a\" is an unknown key")]
    [InlineData("RequestTimeouts: { Policies: { short: 5s } }", "RequestTimeouts:Policies:short = \"5s\" is a single value")]
    [InlineData("RequestTimeouts: { Policies: { short: { Timeout: [ 5s ] } } }", "Policies:short:Timeout is a section")]
    public void A_mistake_is_named(string yaml, string expected) =>
        Assert.Contains(expected, Refusal(Write("gateway.yaml", Kratos + yaml)), StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_a_mistake_not_a_stack_overflow() =>
        Assert.Contains(
            "nested deeper",
            Refusal(Write("gateway.yaml", "Kratos: " + new string('[', 100_000))),
            StringComparison.Ordinal);

    [Fact]
    public void Aliases_that_grow_without_end_are_a_mistake()
    {
        var yaml = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 9; i++)
            yaml.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Assert.Contains("more than", Refusal(Write("gateway.yaml", yaml.ToString())), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_Unicode_is_a_mistake() =>
        Assert.Contains(
            "cannot be used",
            Refusal(Write("gateway.json", """{"Kratos":{"PublicUrl":"\ud800"}}""")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("/nonexistent/folder/gateway.yaml")]
    [InlineData("/")]
    public void A_file_whose_folder_is_not_there_is_a_mistake(string path) =>
        Assert.Contains("does not exist", Refusal(path), StringComparison.Ordinal);

    [Fact]
    public async Task A_route_under_the_Kratos_path_in_force_is_named_when_a_reload_is_refused_for_it()
    {
        await using var system = await TestSystem.StartAsync();
        var reload = system.Gateway.Services.GetRequiredService<RouteReload>();

        await system.WriteConfigAsync(
            "Kratos: { Path: /k }\n" + TestSystem.DefaultYaml().Replace("\"/public/", "\"/kratos/x/", StringComparison.Ordinal));
        await TestSystem.UntilAsync(() => Task.FromResult(reload.Refused.Count > 0));

        Assert.Contains(reload.Refused, e => e.Key.Contains("public", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_does_not_end_the_gateway()
    {
        await using var system = await TestSystem.StartAsync(["--AccessLog:Enabled=true"], customize: b =>
            b.Services.AddSingleton(_ => new LogOutput(new FullDisk(), new FullDisk())));
        await system.GetAsync("/public/x");
        await TestSystem.UntilAsync(async () =>
            (await system.MetricsAsync()).Contains(
                "gateway_access_log_dropped_total 1",
                StringComparison.Ordinal));

        Assert.True((await system.GetAsync("/public/x")).IsSuccessStatusCode);
    }

    private static string Refusal(string file) => Assert.Throws<ConfigurationException>(() => GatewayApp.Check([], file)).Message;

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("No space left on device");
    }
}
