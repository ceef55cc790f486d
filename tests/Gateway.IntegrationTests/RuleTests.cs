using System.Net;
using System.Text.Json.Nodes;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Who may pass: the access rule of the route decides, on every request anew.</summary>
public sealed class RuleTests
{
    private const string Conditions = """
        AccessRules:
          equals: { Session: Required, Require: [ { Trait: { Path: email, Equals: "anna@example.org" } } ] }
          in: { Session: Required, Require: [ { Trait: { Path: email, In: [ "bob@example.org", "anna@example.org" ] } } ] }
          starts: { Session: Required, Require: [ { Trait: { Path: email, StartsWith: "anna@" } } ] }
          ends: { Session: Required, Require: [ { Trait: { Path: email, EndsWith: "@example.org" } } ] }
          contains: { Session: Required, Require: [ { Trait: { Path: email, Contains: "na@example.o" } } ] }
          exists: { Session: Required, Require: [ { Trait: { Path: name.first, Exists: "true" } } ] }
          schema: { Session: Required, Require: [ { Schema: [ other, default ] } ] }
          foreign: { Session: Required, Require: [ { Schema: other } ] }
          aal1: { Session: Required, Require: [ { AssuranceLevel: aal1 } ] }
          aal2: { Session: Required, Require: [ { AssuranceLevel: aal2 } ] }
          recent: { Session: Required, Require: [ { SessionAge: "00:15:00" } ] }
          verified: { Session: Required, Require: [ { VerifiedEmail: true } ] }
          all: { Session: Required, Require: [ { VerifiedEmail: true }, { AssuranceLevel: aal2 }, { SessionAge: "00:15:00" } ] }
        ReverseProxy:
          Routes:
            equals: { ClusterId: echo, AuthorizationPolicy: equals, Match: { Path: /equals } }
            in: { ClusterId: echo, AuthorizationPolicy: in, Match: { Path: /in } }
            starts: { ClusterId: echo, AuthorizationPolicy: starts, Match: { Path: /starts } }
            ends: { ClusterId: echo, AuthorizationPolicy: ends, Match: { Path: /ends } }
            contains: { ClusterId: echo, AuthorizationPolicy: contains, Match: { Path: /contains } }
            exists: { ClusterId: echo, AuthorizationPolicy: exists, Match: { Path: /exists } }
            schema: { ClusterId: echo, AuthorizationPolicy: schema, Match: { Path: /schema } }
            foreign: { ClusterId: echo, AuthorizationPolicy: foreign, Match: { Path: /foreign } }
            aal1: { ClusterId: echo, AuthorizationPolicy: aal1, Match: { Path: /aal1 } }
            aal2: { ClusterId: echo, AuthorizationPolicy: AAL2, Match: { Path: /aal2 } }
            recent: { ClusterId: echo, AuthorizationPolicy: recent, Match: { Path: /recent } }
            verified: { ClusterId: echo, AuthorizationPolicy: verified, Match: { Path: /verified } }
            all: { ClusterId: echo, AuthorizationPolicy: all, Match: { Path: /all } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    [Fact]
    public async Task Every_condition_lets_in_whom_it_describes()
    {
        await using var system = await TestSystem.StartAsync(yaml: Conditions);
        var traits = new JsonObject { ["email"] = "anna@example.org", ["name"] = new JsonObject { ["first"] = "Anna" } };
        var person = await system.Kratos.CreateIdentityAsync(traits: traits, verified: true);
        var session = system.Kratos.SignIn(person.Id, aal2: true);

        string[] routes =
        [
            "equals", "in", "starts", "ends", "contains", "exists", "schema", "aal1", "aal2", "recent", "verified", "all",
        ];
        foreach (var route in routes)
        {
            var answer = await system.GetAsync($"/{route}", $"Cookie: {session.CookieHeader}");
            Assert.True(answer.StatusCode is HttpStatusCode.OK, route);
        }
    }

    [Theory]
    [InlineData("equals", "trait_mismatch", "forbidden")]
    [InlineData("in", "trait_mismatch", "forbidden")]
    [InlineData("starts", "trait_mismatch", "forbidden")]
    [InlineData("ends", "trait_mismatch", "forbidden")]
    [InlineData("contains", "trait_mismatch", "forbidden")]
    [InlineData("exists", "trait_mismatch", "forbidden")]
    [InlineData("foreign", "schema_mismatch", "forbidden")]
    [InlineData("aal2", "second_factor_required", "session_aal2_required")]
    [InlineData("recent", "session_too_old", "session_refresh_required")]
    [InlineData("verified", "email_not_verified", "forbidden")]
    [InlineData("all", "email_not_verified", "forbidden")]
    public async Task Every_condition_refuses_everybody_else_and_says_why(string route, string reason, string id)
    {
        await using var system = await TestSystem.StartAsync(yaml: Conditions);
        var session = await system.Kratos.SignInNewAsync("Anna@example.net"); // the case differs, too
        system.Kratos.SetAuthenticatedAt(session.SessionId, system.Time.GetUtcNow().AddMinutes(-16));

        var answer = await system.GetAsync($"/{route}", $"Cookie: {session.CookieHeader}");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var error = (await TestSystem.JsonAsync(answer)).GetProperty("error");
        Assert.Equal((reason, id), (error.GetProperty("reason").GetString(), error.GetProperty("id").GetString()));
        Assert.Empty(system.Service.Received);
    }

    [Fact]
    public async Task A_route_that_names_no_rule_requires_a_session()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/default/x")).StatusCode);
        Assert.Empty(system.Service.Received);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/default/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Theory]
    [InlineData("Cookie: ory_kratos_session=garbage")]
    [InlineData("X-Session-Token: ory_st_garbage")]
    [InlineData("Accept: text/html")]
    public async Task An_optional_session_that_is_none_lets_the_caller_in_as_nobody(string header)
    {
        await using var system = await TestSystem.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/optional/x", header)).StatusCode);

        Assert.Null(system.Service.Only.Header("X-User-Id"));
    }

    [Fact]
    public async Task An_optional_session_is_forwarded_when_there_is_one()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        await system.GetAsync("/optional/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(session.IdentityId.ToString(), system.Service.Only.Header("X-User-Id"));
    }

    [Fact]
    public async Task Trouble_of_Kratos_does_not_close_an_optional_route()
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.Faults.WhoamiStatusOverride = 500;

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/optional/x", "X-Session-Token: ory_st_x")).StatusCode);
    }

    [Fact]
    public async Task A_token_that_stepped_up_passes_at_once()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await system.GetAsync("/aal2/x", $"X-Session-Token: {session.Token}")).StatusCode);

        system.Kratos.StepUp(session.SessionId); // past the gateway: same token, same session

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/aal2/x", $"X-Session-Token: {session.Token}")).StatusCode);
    }

    [Fact]
    public async Task A_token_that_logged_in_again_passes_at_once()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.SetAuthenticatedAt(session.SessionId, system.Time.GetUtcNow().AddMinutes(-16));
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await system.GetAsync("/recent/x", $"X-Session-Token: {session.Token}")).StatusCode);

        system.Kratos.SetAuthenticatedAt(session.SessionId, system.Time.GetUtcNow());

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/recent/x", $"X-Session-Token: {session.Token}")).StatusCode);
    }

    [Theory]
    [InlineData("/aal2/x")]
    [InlineData("/recent/x")]
    public async Task A_refusal_from_the_cache_makes_exactly_one_more_call(string path)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.SetAuthenticatedAt(session.SessionId, system.Time.GetUtcNow().AddMinutes(-16));
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Kratos.Faults.ResetCounters();

        await system.GetAsync(path, $"Cookie: {session.CookieHeader}");

        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_refusal_on_a_first_look_makes_no_second_call()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        await system.GetAsync("/aal2/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);
    }

    [Theory]
    [InlineData("/staff/x")]
    [InlineData("/verified/x")]
    public async Task Other_conditions_decide_on_the_cached_session(string path)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync("anna@example.net");
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Kratos.Faults.ResetCounters();

        Assert.Equal(HttpStatusCode.Forbidden, (await system.GetAsync(path, $"Cookie: {session.CookieHeader}")).StatusCode);

        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task When_Kratos_does_not_answer_the_second_look_nobody_is_sent_to_step_up()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Kratos.Faults.WhoamiStatusOverride = 500;

        var answer = await system.GetAsync("/aal2/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("identity_provider_unavailable", await TestSystem.ReasonAsync(answer));
    }

    [Fact]
    public async Task A_stale_verdict_sends_nobody_to_step_up_either()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Time.Advance(TimeSpan.FromSeconds(31));
        system.Kratos.Faults.WhoamiStatusOverride = 500;

        var first = await system.GetAsync("/aal2/x", $"Cookie: {session.CookieHeader}"); // finds out that Kratos is in trouble
        var second = await system.GetAsync("/aal2/x", $"Cookie: {session.CookieHeader}"); // knows it

        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task A_whoami_that_wants_the_second_factor_leads_to_step_up()
    {
        await using var system = await TestSystem.StartAsync(kratos: new() { WhoamiRequiredAal = "highest_available" });
        var person = await system.Kratos.CreateIdentityAsync();
        system.Kratos.EnrolTotp(person.Id);
        var session = system.Kratos.SignIn(person.Id);

        var api = await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        var page = await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}", "Accept: text/html");
        var optional = await system.GetAsync("/optional/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(HttpStatusCode.Forbidden, api.StatusCode);
        Assert.Equal(
            "session_aal2_required",
            (await TestSystem.JsonAsync(api)).GetProperty("error").GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Contains("aal=aal2", page.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, optional.StatusCode);
        Assert.Null(system.Service.Only.Header("X-User-Id"));
    }

    [Fact]
    public async Task The_rule_is_evaluated_on_every_request_while_the_session_is_cached()
    {
        await using var system = await TestSystem.StartAsync(["--Sessions:CacheDuration=01:00:00"]);
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/recent/x", $"Cookie: {session.CookieHeader}")).StatusCode);

        system.Time.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await system.GetAsync("/recent/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }
}
