using System.Net;
using Gateway.Hosting;
using Gateway.IntegrationTests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>
/// What "Configuration reloaded" says is what requests meet: a save that cannot work is refused whole, and the next good one is
/// in force.
/// </summary>
public sealed class ReloadInForceTests
{
    /// <summary>
    /// Saves that pass every check of their text and cannot be built: what is saved beside the rule of <c>/page</c>, and the
    /// place that the refusal names.
    /// </summary>
    public static readonly TheoryData<string, string, string> CannotBeBuilt = new()
    {
        { "{ ClusterId: echo, Match: { Path: \"/u/{id:uuid}\" } }", "", "Routes:rest:Match:Path" },
        { "{ ClusterId: echo, Match: { Path: \"/u/{id:min(a)}\" } }", "", "Routes:rest:Match:Path" },
        { "{ ClusterId: echo, Match: { Path: \"/u/{id:range(9,1)}\" } }", "", "Routes:rest:Match:Path" },
        { "{ ClusterId: echo, Match: { Path: \"/u/{id:length(3)}/{x:regex([)}\" } }", "", "Routes:rest:Match:Path" },
        { "{ ClusterId: echo, Match: { Path: \"/u\", Hosts: [\"https://x.org\"] } }", "", "Routes:rest:Match:Hosts" },
        { "{ ClusterId: echo, Match: { Path: \"/u\", Hosts: [\"x.org:abc\"] } }", "", "Routes:rest:Match:Hosts" },
        { "{ ClusterId: echo, Match: { Path: \"/u\" }, Transforms: [ { PathPattern: \"/{\" } ] }", "", "Routes:rest:Transforms" },
        {
            "{ ClusterId: echo, Match: { Path: \"/u\" }, Transforms: [ { PathPattern: \"/{id:uuid}\" } ] }",
            "",
            "Routes:rest:Transforms"
        },
        { "{ ClusterId: echo, AuthorizationPolicy: page, Match: { Path: \"/PAGE\" } }", "", "Routes:rest" },
        {
            "{ ClusterId: two, Match: { Path: \"/u\" } }",
            "HttpClient: { MaxConnectionsPerServer: -1 }",
            "Clusters:two:HttpClient"
        },
        {
            "{ ClusterId: two, Match: { Path: \"/u\" } }",
            "HealthCheck: { Active: { Enabled: true, Interval: \"100.00:00:00\" } }",
            "Clusters:two:HealthCheck:Active:Interval"
        },
        {
            "{ ClusterId: two, Match: { Path: \"/u\" } }",
            "HealthCheck: { Active: { Timeout: \"50.00:00:00\" }, Passive: { ReactivationPeriod: \"50.00:00:00\" } }",
            "Clusters:two:HealthCheck:Active:Timeout"
        },
        {
            "{ ClusterId: two, Match: { Path: \"/u\" } }",
            "HttpRequest: { ActivityTimeout: \"50.00:00:00\" }",
            "Clusters:two:HttpRequest:ActivityTimeout"
        },
    };

    private static string Yaml(string rule, string? route = null, string cluster = "") => $$"""
        AccessRules:
          page: { Session: {{rule}} }
        ReverseProxy:
          Routes:
            page: { ClusterId: echo, AuthorizationPolicy: page, Match: { Path: "/page" } }
            {{(route is null ? "" : $"rest: {route}")}}
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
            two: { Destinations: { a: { Address: "{service}" } }, {{cluster}} }
        """;

    private static async Task<string> ManagementAsync(TestSystem system, string path)
    {
        using var answer = await system.ManageAsync(path);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task UntilReadyNamesAsync(TestSystem system, string text)
    {
        var ready = "";
        await TestSystem.UntilAsync(async () =>
            (ready = await ManagementAsync(system, "/health/ready")).Contains(text, StringComparison.Ordinal));
    }

    private static async Task UntilAppliedAsync(TestSystem system, int count) => await TestSystem.UntilAsync(async () =>
        (await ManagementAsync(system, "/metrics")).Contains(
            $"gateway_config_reloads_total{{result=\"applied\"}} {count}\n",
            StringComparison.Ordinal));

    private static async Task<HttpStatusCode> StatusAsync(TestSystem system, string path = "/page") =>
        (await system.GetAsync(path)).StatusCode;

    private static int Reloads(CapturedLog log) => log.Text.Split("Configuration reloaded").Length - 1;

    private static void Capture(WebApplicationBuilder builder, CapturedLog log)
    {
        builder.Logging.AddProvider(log);
        builder.Logging.AddFilter<CapturedLog>(null, LogLevel.Information);
    }

    [Theory]
    [MemberData(nameof(CannotBeBuilt))]
    public async Task A_save_that_cannot_be_built_changes_nothing_and_the_next_good_one_is_in_force(
        string route,
        string cluster,
        string place)
    {
        using var log = new CapturedLog();
        await using var system = await TestSystem.StartAsync(yaml: Yaml("Required"), customize: builder => Capture(builder, log));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(system));

        // Loosened and broken in one save: nothing of it may be in force.
        await system.WriteConfigAsync(Yaml("None", route, cluster));
        await UntilReadyNamesAsync(system, place);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(system));

        await system.WriteConfigAsync(Yaml("None"));
        await UntilAppliedAsync(system, 1);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(system));

        await system.WriteConfigAsync(Yaml("Required"));
        await UntilAppliedAsync(system, 2);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(system));
        Assert.Equal(2, Reloads(log));
        Assert.Contains("\"status\":\"ok\"", await ManagementAsync(system, "/health/ready"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(CannotBeBuilt))]
    public async Task A_start_and_validate_refuse_it_too(string route, string cluster, string place)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-load-").FullName;
        try
        {
            var file = Path.Combine(folder, "gateway.yaml");
            var yaml = Yaml("Required", route, cluster);
            await File.WriteAllTextAsync(
                file,
                yaml.Replace("{service}", "http://127.0.0.1:1", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
            string[] args = ["--Kratos:PublicUrl=http://127.0.0.1:4433"];

            var mistake = Assert.Throws<ConfigurationException>(() => GatewayApp.Check(args, file)).Message;
            Assert.Contains($"gateway.yaml: ReverseProxy:{place}", mistake, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", mistake, StringComparison.Ordinal);
            Assert.Equal(mistake, Assert.Throws<ConfigurationException>(() => GatewayApp.Build(args, file)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Pairs_of_bad_and_good_saves()
    {
        using var log = new CapturedLog();
        await using var system = await TestSystem.StartAsync(yaml: Yaml("Required"), customize: builder => Capture(builder, log));
        var good = 0;
        foreach (var row in CannotBeBuilt)
        {
            var (route, cluster, place) = row.Data;
            var rule = good % 2 == 0 ? "None" : "Required";
            await system.WriteConfigAsync(Yaml(rule, route, cluster));
            await UntilReadyNamesAsync(system, place);
            Assert.Equal(rule is "None" ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, await StatusAsync(system));

            await system.WriteConfigAsync(Yaml(rule));
            await UntilAppliedAsync(system, ++good);
            Assert.Equal(rule is "None" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, await StatusAsync(system));
        }

        Assert.Equal(CannotBeBuilt.Count, good);
        Assert.Equal(good, Reloads(log));
        var metrics = await ManagementAsync(system, "/metrics");
        Assert.Contains($"gateway_config_reloads_total{{result=\"refused\"}} {good}\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_emptied_to_be_written_is_half_a_save_and_takes_no_route_away()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml("None"));

        await system.WriteConfigAsync("");
        await UntilReadyNamesAsync(system, "the file is empty");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(system));

        await system.WriteConfigAsync(Yaml("Required"));
        await UntilAppliedAsync(system, 1);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(system));
    }

    [Fact]
    public async Task A_save_is_taken_also_where_the_folder_of_the_start_is_gone()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml("Required"));
        var folder = Directory.CreateTempSubdirectory("gateway-start-").FullName;
        await using var process = await GatewayProcess.StartInAsync(folder, system);
        Directory.Delete(folder);

        await system.WriteConfigAsync(Yaml("None"));
        await TestSystem.UntilAsync(async () => (await process.GetAsync("/page", "")).StatusCode is HttpStatusCode.OK);
    }

    [Fact]
    public async Task Routes_that_the_running_proxy_cannot_build_are_not_called_applied_and_readiness_fails()
    {
        using var log = new CapturedLog();
        await using var system = await TestSystem.StartAsync(yaml: Yaml("Required"), customize: builder =>
        {
            Capture(builder, log);
            builder.Services.AddSingleton<MatcherPolicy, Poison>(); // in the running proxy only, so that no trial can foresee it
        });
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(system));

        await system.WriteConfigAsync(
            Yaml("Required", "{ ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: \"/poison\" } }"));
        await UntilReadyNamesAsync(system, "restart");

        Assert.Contains("\"status\":\"unavailable\"", await ManagementAsync(system, "/health/ready"), StringComparison.Ordinal);
        Assert.Contains(
            "gateway_config_reloads_total{result=\"applied\"} 0\n",
            await ManagementAsync(system, "/metrics"),
            StringComparison.Ordinal);
        Assert.Equal(0, Reloads(log));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(system));

        // Routing no longer listens: what is saved now is not in force either, and nobody may believe that it is.
        await system.WriteConfigAsync(Yaml("None"));
        await TestSystem.UntilAsync(async () =>
            (await ManagementAsync(system, "/metrics")).Contains("{result=\"refused\"} 2\n", StringComparison.Ordinal));
        Assert.Contains("\"status\":\"unavailable\"", await ManagementAsync(system, "/health/ready"), StringComparison.Ordinal);
    }

    private sealed class Poison : MatcherPolicy, IEndpointSelectorPolicy
    {
        public override int Order => 0;

        public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
            endpoints.Any(e => e is RouteEndpoint { RoutePattern.RawText: "/poison" })
                ? throw new InvalidOperationException("poison")
                : false;

        public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates) => Task.CompletedTask;
    }
}
