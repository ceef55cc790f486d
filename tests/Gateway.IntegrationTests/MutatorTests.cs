using System.Net;
using System.Text.Json.Nodes;
using DevKratos;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>What a rule's <c>Mutators</c> tell its services, over whole gateways.</summary>
public sealed class MutatorTests
{
    private const string Mutators = """
            Mutators:
              - Headers:
                  X-User: "{caller.subject}"
                  X-Roles: "{identity.traits.roles | join: ','}"
                  X-Rank: "{identity.traits.roles | contains: admin | if: 'high', 'low'}"
                  X-Asked: "{request.method} {match.0}"
                  X-User-Id: "replaced:{identity.id}"
              - Cookies: { user: "{identity.traits.email}" }
        """;

    private static string Yaml(string mutators = Mutators) => $$"""
        AccessRules:
          told:
            Session: Required
        {{mutators}}
          guest:
            Session: Optional
            Mutators: [ { Headers: { X-User: "{caller.subject | default: guest}" } } ]
        ReverseProxy:
          Routes:
            told: { ClusterId: echo, AuthorizationPolicy: told, Match: { Path: "/told/{**rest}" } }
            set:
              ClusterId: echo
              AuthorizationPolicy: told
              Match: { Path: "/set/{**rest}" }
              Transforms: [ { RequestHeader: X-User, Set: forged }, { RequestHeader: X-Extra, Set: more } ]
            guest: { ClusterId: echo, AuthorizationPolicy: guest, Match: { Path: "/guest/{**rest}" } }
            public: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/public/{**rest}" } }
            private: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: "/private/{**rest}" } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    private static async Task<DevSession> SignInAsync(TestSystem system, string? name = null)
    {
        var roles = new JsonArray("admin", "staff");
        var traits = new JsonObject { ["email"] = "ann@example.org", ["roles"] = roles, ["name"] = name };
        return system.Kratos.SignIn((await system.Kratos.CreateIdentityAsync(traits: traits)).Id);
    }

    [Theory]
    [InlineData("/told/a/b")]
    [InlineData("/set/a/b")]
    public async Task A_rules_headers_and_cookies_reach_its_service(string path)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        var session = await SignInAsync(system);

        for (var i = 0; i < 2; i++) // from Kratos, then from the cache
        {
            var got = await system.ForwardedAsync(
                path, $"Cookie: a=b; {session.CookieHeader}; user=eve", "X-User: eve", "X~Roles: root");

            Assert.Equal($"{session.IdentityId}", got.Header("X-User"));
            Assert.Equal("admin,staff", got.Header("X-Roles"));
            Assert.Null(got.Header("X~Roles"));
            Assert.Equal("high", got.Header("X-Rank"));
            Assert.Equal("GET a/b", got.Header("X-Asked"));
            Assert.Equal($"replaced:{session.IdentityId}", got.Header("X-User-Id"));
            Assert.Equal("ann@example.org", got.Header("X-User-Email"));
            Assert.Equal("user=ann@example.org; a=b", got.Header("Cookie"));
        }
    }

    [Theory]
    [InlineData("/public/x")]
    [InlineData("/private/x")]
    [InlineData("/guest/x")]
    [InlineData("/set/x")]
    public async Task A_client_sets_none_of_them_on_any_route(string path)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        var session = await SignInAsync(system);

        var got = await system.ForwardedAsync(
            path, $"Cookie: {session.CookieHeader}; user=eve; USER=eve", "X-User: eve", "X_Roles: eve", "X-Rank: eve");

        Assert.DoesNotContain("eve", string.Join('|', got.Headers.Select(header => header.Value)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_on_the_way_to_Kratos_either()
    {
        await using var kratos = await EchoService.StartAsync(); // shows what reaches it
        await using var system = await TestSystem.StartAsync(["--Kratos:PublicUrl=" + kratos.Url], Yaml());

        await TestSystem.UntilAsync(async () =>
        {
            using var answer = await system.GetAsync("/kratos/health/alive", "Cookie: a=b; user=eve", "X-User: eve");
            return answer.StatusCode is HttpStatusCode.OK;
        });

        var got = kratos.Received.Last(received => received.Target == "/health/alive" && received.Header("Cookie") is not null);
        Assert.Null(got.Header("X-User"));
        Assert.Equal("a=b", got.Header("Cookie"));
    }

    [Fact]
    public async Task Who_is_nobody_gets_the_defaults()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        var session = await SignInAsync(system);

        Assert.Equal("guest", (await system.ForwardedAsync("/guest/x", "X-User: eve")).Header("X-User"));
        var known = await system.ForwardedAsync("/guest/x", $"X-Session-Token: {session.Token}");
        Assert.Equal($"{session.IdentityId}", known.Header("X-User"));
    }

    [Fact]
    public async Task A_trait_injects_neither_a_header_nor_a_cookie()
    {
        const string Template = "{ X-Name: \"{identity.traits.name}\" }";
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml($"    Mutators: [ {{ Headers: {Template} }}, {{ Cookies: {Template} }} ]"));
        var session = await SignInAsync(system, "x; user=root\r\nX-Admin: 1\"é");

        var got = await system.ForwardedAsync("/told/x", $"X-Session-Token: {session.Token}");

        Assert.Null(got.Header("X-Admin"));
        Assert.Null(got.Header("X-Name"));
        Assert.Equal("X-Name=\"x%3B user=root%0D%0AX-Admin: 1%22%C3%A9\"", got.Header("Cookie"));
    }

    [Fact]
    public async Task They_reload_with_their_rule_and_see_sessions_that_were_cached_before()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml("    Require: []"));
        var session = await SignInAsync(system);
        var token = $"X-Session-Token: {session.Token}";
        Assert.Equal("eve", (await system.ForwardedAsync("/told/x", token, "X-Roles: eve")).Header("X-Roles"));

        await system.WriteConfigAsync(Yaml());
        await TestSystem.UntilAsync(async () =>
            (await system.ForwardedAsync("/told/x", token)).Header("X-Roles") == "admin,staff");
        Assert.Null((await system.ForwardedAsync("/public/x", "X-Roles: eve")).Header("X-Roles"));

        await system.WriteConfigAsync(Yaml(Mutators.Replace("join: ','", "join: '+'", StringComparison.Ordinal)));
        await TestSystem.UntilAsync(async () =>
            (await system.ForwardedAsync("/told/x", token)).Header("X-Roles") == "admin+staff");

        await system.WriteConfigAsync(Yaml("    Require: []"));
        await TestSystem.UntilAsync(async () =>
            (await system.ForwardedAsync("/told/x", token, "X-Roles: eve")).Header("X-Roles") == "eve");
    }

    [Fact]
    public async Task A_session_cached_without_its_text_is_refused_while_Kratos_is_silent()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml("    Require: []"));
        var session = await SignInAsync(system);
        var token = $"X-Session-Token: {session.Token}";
        await system.ForwardedAsync("/told/x", token);
        system.Kratos.Faults.WhoamiStatusOverride = 500;

        await system.WriteConfigAsync(Yaml());
        await TestSystem.UntilAsync(async () =>
        {
            using var answer = await system.GetAsync("/told/x", token);
            return answer.StatusCode is HttpStatusCode.ServiceUnavailable;
        });

        Assert.Equal($"{session.IdentityId}", (await system.ForwardedAsync("/private/x", token)).Header("X-User-Id"));
    }

    [Fact]
    public async Task Mistakes_are_named_with_their_place_and_cure()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml());
        await File.WriteAllTextAsync(
            system.ConfigFile,
            Yaml("    Mutators: [ { Headers: { X-User: \"{caler.subject}\" } }, { Cookie: { a: b } } ]"));

        var run = await GatewayCommand.RunAsync(["validate", "--config", system.ConfigFile]);
        var output = run.Error;

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("AccessRules:told:Mutators:0:Headers:X-User", output, StringComparison.Ordinal);
        Assert.Contains("did you mean caller?", output, StringComparison.Ordinal);
        Assert.Contains("AccessRules:told:Mutators:1:Cookie", output, StringComparison.Ordinal);
        Assert.Contains("did you mean Cookies?", output, StringComparison.Ordinal);
    }
}
