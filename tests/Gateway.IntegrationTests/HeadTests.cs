using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>A route for GET is a route for HEAD: nobody means to protect a page and leave its headers open.</summary>
public sealed class HeadTests
{
    private static string Yaml(string routes) => $$"""
        ReverseProxy:
          Routes:
        {{string.Join('\n', routes.Split('\n').Select(line => "    " + line.Trim()))}}
          Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
        """;

    [Theory]
    [InlineData("orders: { ClusterId: echo, Match: { Path: \"/orders/{**rest}\", Methods: [GET] } }")]
    [InlineData("orders: { ClusterId: echo, Match: { Path: \"/orders/{id}\", Methods: [get, POST] } }")]
    [InlineData("orders: { ClusterId: echo, Match: { Path: \"/orders/{id}\", Hosts: [\"127.0.0.1\"], Methods: [GET] } }")]
    [InlineData("orders: { ClusterId: echo, Match: { Path: \"/orders/{id}\", Methods: [GET] }, Transforms: [ { PathRemovePrefix: /orders } ] }")]
    [InlineData("orders: { ClusterId: echo, Match: { Path: \"/orders/{id}\", Methods: [GET] }, Transforms: [ { PathPrefix: /v1 } ] }")]
    public async Task HEAD_meets_the_rule_of_GET_and_not_the_public_catch_all(string route)
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml(route + "\nall: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: \"/{**rest}\" } }"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/orders/1")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.SendAsync(HttpMethod.Head, "/orders/1")).StatusCode);
        Assert.Empty(system.Service.Received);

        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await system.SendAsync(HttpMethod.Head, "/orders/1", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal("HEAD", system.Service.Only.Method);
    }

    [Fact]
    public async Task A_route_of_its_own_for_HEAD_comes_first()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml("""
            page: { ClusterId: echo, Match: { Path: /page, Methods: [GET] } }
            probe: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /page, Methods: [HEAD] } }
            """));

        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/page")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.SendAsync(HttpMethod.Head, "/page")).StatusCode);
    }

    [Theory]
    [InlineData("[a.test, b.test]", "[a.test]")]
    [InlineData("[a.test, \"*.b.test\"]", "[\"*.B.test\", c.test]")]
    [InlineData("[\"a.test:81\", a.test]", "[\"a.test:81\"]")]
    public async Task A_route_of_its_own_for_HEAD_on_some_of_the_hosts_does_not_open_the_others(string hosts, string ofHead)
    {
        // HEAD on the other hosts would go to the public catch-all.
        var loading = TestSystem.StartAsync(yaml: Yaml($$"""
            page: { ClusterId: echo, Match: { Path: /page, Methods: [GET], Hosts: {{hosts}} } }
            probe: { ClusterId: echo, Match: { Path: /page, Methods: [HEAD], Hosts: {{ofHead}} } }
            all: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } }
            """));

        var mistake = await Assert.ThrowsAsync<ConfigurationException>(() => loading);
        Assert.Contains("Routes:probe takes the same requests as page", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_of_their_own_for_HEAD_may_share_the_hosts()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml("""
            page: { ClusterId: echo, Match: { Path: /page, Methods: [GET], Hosts: [a.test, b.test] } }
            one: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /page, Methods: [HEAD], Hosts: [a.test, c.test] } }
            two: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /page, Methods: [HEAD], Hosts: [b.test] } }
            """));

        Assert.Equal(HttpStatusCode.OK, (await system.SendAsync(HttpMethod.Head, "/page", "Host: b.test")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/page", "Host: b.test")).StatusCode);
    }

    [Fact]
    public async Task A_route_without_GET_takes_no_HEAD()
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml("page: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /page, Methods: [POST] } }"));

        Assert.Equal(HttpStatusCode.NotFound, (await system.SendAsync(HttpMethod.Head, "/page")).StatusCode);
    }
}
