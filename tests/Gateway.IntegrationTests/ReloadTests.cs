using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Gateway.Hosting;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>A saved configuration is taken over whole or not at all, while requests go on.</summary>
public sealed class ReloadTests
{
    private static string Yaml(string rule = "{ Session: Required }", string path = "/page", string more = "") => $$"""
        AccessRules:
          page: {{rule}}
        ReverseProxy:
          Routes:
            page: { ClusterId: echo, AuthorizationPolicy: page, Match: { Path: "{{path}}" } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        {{more}}
        """;

    private static async Task<(JsonElement Ready, string Metrics)> AskAsync(TestSystem system)
    {
        using var http = new HttpClient { BaseAddress = system.ManagementUrl };
        var token = TestContext.Current.CancellationToken;
        return (await http.GetFromJsonAsync<JsonElement>(new Uri("/health/ready", UriKind.Relative), token),
            await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), token));
    }

    private static string Warnings(JsonElement ready) =>
        ready.TryGetProperty("warnings", out var warnings)
            ? string.Join('\n', warnings.EnumerateArray().Select(w => w.GetString()))
            : "";

    private static async Task UntilStatusAsync(TestSystem system, string path, HttpStatusCode status) =>
        await TestSystem.UntilAsync(async () => (await system.GetAsync(path)).StatusCode == status);

    private static async Task<string> UntilRefusedAsync(TestSystem system, string warning)
    {
        var warnings = "";
        await TestSystem.UntilAsync(async () =>
            (warnings = Warnings((await AskAsync(system)).Ready)).Contains(warning, StringComparison.Ordinal));
        return warnings;
    }

    [Fact]
    public async Task A_changed_rule_takes_effect_on_a_route_that_did_not_change()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/page")).StatusCode);

        await system.WriteConfigAsync(Yaml("{ Session: None }"));
        await UntilStatusAsync(system, "/page", HttpStatusCode.OK);
        await system.WriteConfigAsync(Yaml("{ Session: Required, Require: [ { AssuranceLevel: aal2 } ] }"));
        await UntilStatusAsync(system, "/page", HttpStatusCode.Unauthorized);

        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await system.GetAsync("/page", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Contains(
            "gateway_config_reloads_total{result=\"applied\"} 2",
            (await AskAsync(system)).Metrics,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_and_routes_of_one_file_come_together()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());

        await system.WriteConfigAsync(Yaml("{ Session: None }", "/other"));
        await UntilStatusAsync(system, "/other", HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.NotFound, (await system.GetAsync("/page")).StatusCode);
    }

    [Theory]
    [InlineData("{ Session: None, Require: [ { AssuranceLevel: aal2 } ] }", "AccessRules:page:Require")]
    [InlineData("{ Session: Sometimes }", "AccessRules:page:Session")]
    [InlineData("{ Session: { None: true } }", "AccessRules:page:Session")]
    [InlineData("{ Session: [ None ] }", "AccessRules:page:Session")]
    [InlineData("{ Sesion: None }", "AccessRules:page:Sesion")]
    [InlineData("{ Session: Required, Require: [ { Trit: { Path: a, Exists: true } } ] }", "AccessRules:page:Require:0:Trit")]
    [InlineData("None", "AccessRules:page")]
    [InlineData("{ Session: None", "gateway.yaml")]
    [InlineData("{ Session: None }\n  page: { Session: None }", "gateway.yaml")]
    public async Task A_bad_rule_changes_nothing_and_is_shown_until_it_is_repaired(string rule, string place)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());

        await system.WriteConfigAsync(Yaml(rule, "/open"));
        await UntilRefusedAsync(system, place);

        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/page")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await system.GetAsync("/open")).StatusCode);
        Assert.Contains(
            "gateway_config_reloads_total{result=\"applied\"} 0",
            (await AskAsync(system)).Metrics,
            StringComparison.Ordinal);

        await system.WriteConfigAsync(Yaml("{ Session: None }", "/open"));
        await UntilStatusAsync(system, "/open", HttpStatusCode.OK);
        Assert.Equal("", Warnings((await AskAsync(system)).Ready));
    }

    [Theory]
    [InlineData("Clusters: { echo: { Destinations: { a: { Address: nowhere } } } }", "Clusters:echo:Destinations:a:Address")]
    [InlineData(
        "Clusters: { echo: { LoadBalancingPolicy: Best, Destinations: { a: { Address: \"{service}\" } } } }", "Clusters:echo")]
    [InlineData("Routes: { x: { ClusterId: echo, AuthorisationPolicy: page, Match: { Path: /x } } }", "AuthorisationPolicy")]
    [InlineData("Routes: { x: { ClusterId: ecko, Match: { Path: /x } } }", "Routes:x:ClusterId")]
    [InlineData("Routes: { x: { ClusterId: echo, Match: { Path: \"/{x\" } } }", "Routes:x")]
    [InlineData("Routes: { x: { ClusterId: echo, AuthorizationPolicy: pag, Match: { Path: /x } } }", "did you mean page?")]
    [InlineData("Routes: { x: { ClusterId: echo, Match: { Path: /kratos/x } } }", "lies under /kratos")]
    public async Task A_bad_route_or_cluster_changes_nothing(string section, string problem)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        var yaml = section.StartsWith("Routes", StringComparison.Ordinal)
            ? Yaml("{ Session: None }").Replace(
                "  Routes:\n",
                $"  Routes:\n    {section["Routes: { ".Length..^2]}\n",
                StringComparison.Ordinal)
            : Yaml("{ Session: None }")[..Yaml("{ Session: None }").IndexOf("  Clusters", StringComparison.Ordinal)]
                + "  " + section;

        await system.WriteConfigAsync(yaml);
        await UntilRefusedAsync(system, problem);

        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/page")).StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_gone_changes_nothing_until_it_is_back()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        File.Delete(system.ConfigFile);
        await UntilRefusedAsync(system, "does not exist");
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/page")).StatusCode);

        await system.WriteConfigAsync(Yaml("{ Session: None }"));

        await UntilStatusAsync(system, "/page", HttpStatusCode.OK);
    }

    [Fact]
    public async Task After_five_bad_saves_a_good_one_is_taken()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        for (var i = 1; i <= 5; i++)
        {
            await system.WriteConfigAsync(Yaml($"{{ Session: Bad{i} }}"));
            await UntilRefusedAsync(system, $"Bad{i}");
        }

        await system.WriteConfigAsync(Yaml("{ Session: None }"));

        await UntilStatusAsync(system, "/page", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Requests_under_way_are_not_disturbed()
    {
        using var slow = new TcpListener(IPAddress.Loopback, 0);
        slow.Start();
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml("{ Session: None }").Replace("{service}", $"http://{slow.LocalEndpoint}/", StringComparison.Ordinal));
        var request = system.GetAsync("/page");
        using var peer = await slow.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        await system.WriteConfigAsync(Yaml("{ Session: None }", "/other"));
        await UntilStatusAsync(system, "/other", HttpStatusCode.OK);
        await peer.GetStream().WriteAsync(
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"u8.ToArray(),
            TestContext.Current.CancellationToken);

        Assert.Equal("late", await (await request).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cached_sessions_outlive_a_reload()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/page", $"Cookie: {session.CookieHeader}");

        await system.WriteConfigAsync(Yaml(path: "/other"));
        await UntilStatusAsync(system, "/other", HttpStatusCode.Unauthorized);

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/other", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);
    }

    [Theory]
    [InlineData("Sessions: { CacheDuration: \"00:00:10\" }", "Sessions")]
    [InlineData("Kestrel: { Limits: { MaxRequestBodySize: 1000 } }", "Kestrel:Limits")]
    [InlineData("ShutdownTimeoutSeconds: 5", "ShutdownTimeoutSeconds")]
    public async Task A_key_that_only_a_start_reads_is_named_and_the_rest_is_taken(string changed, string named)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());

        await system.WriteConfigAsync(Yaml("{ Session: None }", more: changed));
        await UntilStatusAsync(system, "/page", HttpStatusCode.OK);

        Assert.Contains($"only read at a start: {named}", Warnings((await AskAsync(system)).Ready), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ConfigMap_that_is_swapped_by_symbolic_link_is_taken()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Kubernetes mounts ConfigMaps on Linux.");
        var folder = Directory.CreateTempSubdirectory("gateway-configmap-").FullName;
        try
        {
            await using var service = await EchoService.StartAsync();
            string Version(string name, string rule)
            {
                var version = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
                File.WriteAllText(
                    Path.Combine(version, "gateway.yaml"),
                    Yaml(rule).Replace("{service}", service.Url.ToString(), StringComparison.Ordinal));
                return version;
            }

            // As the kubelet lays it out: file -> ..data/file, ..data -> ..<time>
            Version("..1", "{ Session: Required }");
            Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), "..1");
            File.CreateSymbolicLink(Path.Combine(folder, "gateway.yaml"), "..data/gateway.yaml");
            await using var kratos = await DevKratos.DevKratosServer.StartAsync(
                new() { PublicPort = 0, AdminPort = 0, UiPort = 0, Environment = "Development" },
                TestContext.Current.CancellationToken);
            await using var gateway = GatewayApp.Build(
                [
                    "--Urls=http://127.0.0.1:0", "--Management:Url=http://127.0.0.1:0", $"--Kratos:PublicUrl={kratos.PublicUrl}",
                    "--Logging:LogLevel:Default=None", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=None",
                    "--AccessLog:Enabled=false",
                ],
                Path.Combine(folder, "gateway.yaml"));
            await gateway.StartAsync(TestContext.Current.CancellationToken);
            using var http = new HttpClient { BaseAddress = new Uri(gateway.Urls.First()) };
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await http.GetAsync(new Uri("/page", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);

            Version("..2", "{ Session: None }");
            Directory.CreateSymbolicLink(Path.Combine(folder, "..data_tmp"), "..2");
            string[] replace = ["-T", Path.Combine(folder, "..data_tmp"), Path.Combine(folder, "..data")];
            using (var rename = System.Diagnostics.Process.Start("mv", replace))
                await rename.WaitForExitAsync(TestContext.Current.CancellationToken);

            await TestSystem.UntilAsync(async () =>
                (await http.GetAsync(new Uri("/page", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode
                    is HttpStatusCode.OK);
            await gateway.StopAsync(new CancellationToken(canceled: true));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
