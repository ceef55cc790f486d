using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// A pre-flight belongs to the route that would take the request it asks for, and no other route's policy speaks for it; as it
/// is an OPTIONS request, it goes where such requests go only when that route has no policy.
/// </summary>
public sealed class CorsRoutingTests
{
    private const string App = "https://app.example";

    private const string Yaml = """
        Cors:
          Policies:
            read: { AllowedOrigins: [ "https://app.example" ], AllowedMethods: [ GET ] }
            write: { AllowedOrigins: [ "https://app.example" ], AllowedMethods: [ POST, DELETE ] }
        ReverseProxy:
          Routes:
            split-get:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              CorsPolicy: read
              Match: { Path: /split, Methods: [ GET ] }
            split-any: { ClusterId: echo, AuthorizationPolicy: signed-in, CorsPolicy: write, Match: { Path: /split } }
            half-post: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: /half, Methods: [ POST ] } }
            half-any: { ClusterId: echo, AuthorizationPolicy: anonymous, CorsPolicy: write, Match: { Path: /half } }
            rest-get:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              CorsPolicy: read
              Match: { Path: /rest, Methods: [ GET ] }
            rest-any: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /rest } }
            own-get:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              CorsPolicy: read
              Match: { Path: /own, Methods: [ GET ] }
            own-options: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /own, Methods: [ OPTIONS, PUT ] } }
            get: { ClusterId: echo, AuthorizationPolicy: signed-in, CorsPolicy: read, Match: { Path: /get, Methods: [ GET ] } }
            options:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              CorsPolicy: read
              Match: { Path: /options, Methods: [ OPTIONS ] }
            shop:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              CorsPolicy: read
              Match: { Path: /host, Hosts: [ shop.test ] }
            other: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: /host, Hosts: [ other.test ] } }
            query:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              CorsPolicy: read
              Match: { Path: /query, QueryParameters: [ { Name: open, Values: [ "1" ] } ] }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    /// <param name="methods">What the answer allows; null: nothing.</param>
    /// <param name="forwarded">What method the service gets.</param>
    [Theory]
    [InlineData("/split", "GET", 204, "GET", null)]
    [InlineData("/split", "HEAD", 204, "GET", null)]
    [InlineData("/split", "get", 204, "GET", null)]
    [InlineData("/split", "POST", 204, "POST,DELETE", null)]
    [InlineData("/split", "DELETE", 204, "POST,DELETE", null)]
    [InlineData("/half", "DELETE", 204, "POST,DELETE", null)]
    [InlineData("/half", "POST", 404, null, null)]
    [InlineData("/rest", "GET", 204, "GET", null)]
    [InlineData("/rest", "DELETE", 200, null, "OPTIONS")]
    [InlineData("/own", "GET", 204, "GET", null)]
    [InlineData("/own", "PUT", 200, null, "OPTIONS")]
    [InlineData("/own", "DELETE", 200, null, "OPTIONS")]
    [InlineData("/get", "GET", 204, "GET", null)]
    [InlineData("/get", "PUT", 404, null, null)]
    [InlineData("/get", "", 404, null, null)]
    [InlineData("/options", "PUT", 404, null, null)]
    [InlineData("/options", "OPTIONS", 204, "GET", null)]
    [InlineData("/host", "GET", 404, null, null)]
    [InlineData("/query", "GET", 404, null, null)]
    [InlineData("/query?open=1", "GET", 204, "GET", null)]
    public async Task A_preflight_goes_by_the_method_it_asks_for(
        string path, string asked, int status, string? methods, string? forwarded)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml);

        var answer = await RawHttp.RequestAsync(
            system.Url, path, "OPTIONS", $"Origin: {App}", $"Access-Control-Request-Method: {asked}");

        Assert.Equal(status, answer.Status);
        Assert.Equal(methods, HeaderOf(answer, "Access-Control-Allow-Methods"));
        Assert.Equal(methods is null ? null : App, HeaderOf(answer, "Access-Control-Allow-Origin"));
        Assert.Equal(forwarded, system.Service.Received.SingleOrDefault()?.Method);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Theory]
    [InlineData("shop.test", 204)]
    [InlineData("other.test", 401)]
    [InlineData("third.test", 404)]
    public async Task A_preflight_goes_by_its_host(string host, int status)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml);

        var answer = await RawHttp.SendAsync(
            system.Url,
            $"OPTIONS /host HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: {App}\r\n"
                + "Access-Control-Request-Method: GET\r\n\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Empty(system.Service.Received);
    }

    [Fact]
    public async Task Kratos_answers_cors_itself_on_its_own_path()
    {
        await using var stand = await EchoService.StartAsync();
        await using var system = await TestSystem.StartAsync(
            [$"--Kratos:PublicUrl={stand.Url}", $"--SelfService:Url={stand.Url}"], Yaml);

        foreach (var path in (string[])["/kratos/self-service/login/browser", "/auth/login"])
        {
            stand.Forget();
            var answer = await RawHttp.RequestAsync(
                system.Url,
                $"{path}?header=Access-Control-Allow-Origin:{App}",
                "OPTIONS",
                $"Origin: {App}",
                "Access-Control-Request-Method: GET");

            Assert.Equal("OPTIONS", stand.Only.Method);
            Assert.Equal(App, HeaderOf(answer, "Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task A_policy_reloads_with_its_route_whole_or_not_at_all()
    {
        await using var system = await TestSystem.StartAsync(yaml: Policy("https://old.example"));
        Assert.Equal("https://old.example", await AllowedAsync(system, "https://old.example"));

        await system.WriteConfigAsync(Policy("https://new.example"));
        await TestSystem.UntilAsync(async () => await AllowedAsync(system, "https://new.example") is not null);
        Assert.Null(await AllowedAsync(system, "https://old.example"));

        await system.WriteConfigAsync(Policy("https://bad.example/"));
        await TestSystem.UntilAsync(() => Task.FromResult(Refused(system) > 0));
        Assert.Equal("https://new.example", await AllowedAsync(system, "https://new.example"));

        await system.WriteConfigAsync(Policy("https://third.example", "disable"));
        await TestSystem.UntilAsync(async () => await AllowedAsync(system, "https://new.example") is null);

        static string Policy(string origin, string name = "web") => $$"""
            Cors: { Policies: { web: { AllowedOrigins: [ "{{origin}}" ] } } }
            ReverseProxy:
              Routes: { r: { ClusterId: echo, AuthorizationPolicy: anonymous, CorsPolicy: {{name}}, Match: { Path: /r } } }
              Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
            """;
    }

    [Fact]
    public async Task A_policy_that_comes_with_a_reload_is_in_force()
    {
        await using var system = await TestSystem.StartAsync();
        Assert.Null(await AllowedAsync(system, App, "/public/r"));

        await system.WriteConfigAsync($"Cors: {{ Policies: {{ web: {{ AllowedOrigins: [ \"{App}\" ] }} }} }}\n"
            + TestSystem.DefaultYaml().Replace("public: { ", "public: { CorsPolicy: web, ", StringComparison.Ordinal));

        await TestSystem.UntilAsync(async () => await AllowedAsync(system, App, "/public/r") == App);
    }

    private static int Refused(TestSystem system) =>
        Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions
            .GetRequiredService<Gateway.Routes.RouteReload>(system.Gateway.Services).Refused.Count;

    private static async Task<string?> AllowedAsync(TestSystem system, string origin, string path = "/r")
    {
        var preflight = await RawHttp.RequestAsync(
            system.Url, path, "OPTIONS", $"Origin: {origin}", "Access-Control-Request-Method: GET");
        var request = await RawHttp.RequestAsync(system.Url, path, "GET", $"Origin: {origin}");
        var allowed = HeaderOf(preflight, "Access-Control-Allow-Origin");
        return allowed == HeaderOf(request, "Access-Control-Allow-Origin") ? allowed : null;
    }

    private static string? HeaderOf(RawAnswer answer, string name)
    {
        var line = answer.Text.Split("\r\n").SingleOrDefault(l => l.StartsWith($"{name}: ", StringComparison.OrdinalIgnoreCase));
        return line?[(name.Length + 2)..];
    }
}
