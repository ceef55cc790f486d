using System.Net;
using Gateway.Hosting;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// Two routes that take the same request: refused at load where that is certain, 400 where only a request shows it, never a guess
/// and never a stack trace.
/// </summary>
public sealed class SameRequestTests
{
    private const string Cluster = "{ Destinations: { a: { Address: \"{service}\" } } }";

    private static string Yaml(string first, string second) => $$"""
        ReverseProxy:
          Routes:
            first: { ClusterId: echo, AuthorizationPolicy: anonymous, {{first}} }
            second: { ClusterId: echo, AuthorizationPolicy: signed-in, {{second}} }
          Clusters: { echo: {{Cluster}} }
        """;

    private static string Mistakes(string yaml)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-load-").FullName;
        try
        {
            var file = Path.Combine(folder, "gateway.yaml");
            File.WriteAllText(file, yaml.Replace("{service}", "http://127.0.0.1:1", StringComparison.Ordinal));
            GatewayApp.Check(["--Kratos:PublicUrl=http://127.0.0.1:4433"], file);
            return "";
        }
        catch (ConfigurationException e)
        {
            return e.Message;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("Match: { Path: /orders }", "Match: { Path: /orders }")]
    [InlineData("Match: { Path: /orders }", "Match: { Path: /ORDERS }")]
    [InlineData("Match: { Path: /orders }", "Match: { Path: orders/ }")]
    [InlineData("Match: { Path: \"/orders/{id}\" }", "Match: { Path: \"/orders/{number}\" }")]
    [InlineData("Match: { Path: \"/orders/{id}\" }", "Match: { Path: \"/orders/{id?}\" }")]
    [InlineData("Match: { Path: \"/orders/{id:int}\" }", "Match: { Path: \"/orders/{number:INT}\" }")]
    [InlineData("Match: { Path: \"/orders/{id:int}\" }", "Match: { Path: \"/orders/{number:min(5)}\" }")]
    [InlineData("Match: { Path: \"/orders/{id:int}\" }", "Match: { Path: \"/orders/{number:long}\" }")]
    [InlineData(
        "Match: { Path: \"/orders/{id:regex(^[[xyz]]{{4}}$)}\" }", "Match: { Path: \"/orders/{x:regex(^[[xyz]]{{4}}$)}\" }")]
    [InlineData("Match: { Path: \"/orders/v{a}\" }", "Match: { Path: \"/orders/v{b}\" }")]
    [InlineData("Match: { Path: \"/orders/v{a}\" }", "Match: { Path: \"/orders/{name:alpha}\" }")]
    [InlineData("Match: { Path: \"/orders/{**rest}\" }", "Match: { Path: \"/orders/{*all}\" }")]
    [InlineData("Match: { Hosts: [a.test] }", "Match: { Hosts: [a.test] }")]
    [InlineData("Match: { Path: /x, Methods: [GET, POST] }", "Match: { Path: /x, Methods: [PUT, post] }")]
    [InlineData("Match: { Path: /x, Methods: [GET] }", "Match: { Path: /x, Methods: [GET] }")]
    [InlineData("Match: { Path: /x, Hosts: [a.test, b.test] }", "Match: { Path: /x, Hosts: [B.TEST] }")]
    [InlineData("Match: { Path: /x, Hosts: [\"*.a.test\"] }", "Match: { Path: /x, Hosts: [\"*.A.test\", c.test] }")]
    [InlineData("Match: { Path: /x, Hosts: [\"a.test:81\"] }", "Match: { Path: /x, Hosts: [\"a.test:81\"] }")]
    [InlineData(
        "Match: { Path: /x, Headers: [ { Name: X-A, Values: [b] } ] }",
        "Match: { Path: /x, Headers: [ { Name: x-a, Values: [b] } ] }")]
    [InlineData(
        "Match: { Path: /x, QueryParameters: [ { Name: a, Mode: Exists } ] }",
        "Match: { Path: /x, QueryParameters: [ { Name: a, Mode: Exists } ] }")]
    [InlineData(
        "Match: { Path: /x, QueryParameters: [ { Name: a, Mode: Exists } ] }",
        "Match: { Path: /x, QueryParameters: [ { Name: A, Mode: Exists } ] }")]
    [InlineData("Order: 3, Match: { Path: /x }", "Order: 3, Match: { Path: /x }")]
    [InlineData("Match: { Path: /x }", "Order: 0, Match: { Path: /x }")]
    public void Is_a_mistake_that_names_both(string first, string second)
    {
        var mistakes = Mistakes(Yaml(first, second));

        Assert.Contains(
            "gateway.yaml: ReverseProxy:Routes:second takes the same requests as first",
            mistakes,
            StringComparison.Ordinal);
        Assert.Contains("the configuration has 1 mistake:", mistakes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Match: { Path: /orders }", "Match: { Path: \"/orders/{id}\" }")]
    [InlineData("Match: { Path: /orders }", "Order: 1, Match: { Path: /orders }")]
    [InlineData("Match: { Path: \"/orders/{id:int}\" }", "Match: { Path: \"/orders/{id}\" }")]
    [InlineData("Match: { Path: \"/orders/{id:int}\" }", "Match: { Path: \"/orders/{id:alpha}\" }")]
    [InlineData("Match: { Path: \"/orders/v{a}\" }", "Match: { Path: \"/orders/w{a}\" }")]
    [InlineData("Match: { Path: /x, Methods: [POST] }", "Match: { Path: /x, Methods: [PUT] }")]
    [InlineData("Match: { Path: /x, Methods: [POST] }", "Match: { Path: /x }")]
    [InlineData("Match: { Path: /x, Methods: [GET] }", "Match: { Path: /x, Methods: [HEAD] }")]
    [InlineData("Match: { Path: /x, Hosts: [a.test] }", "Match: { Path: /x, Hosts: [b.test] }")]
    [InlineData("Match: { Path: /x, Hosts: [a.test] }", "Match: { Path: /x, Hosts: [\"*.test\"] }")]
    [InlineData("Match: { Path: /x, Hosts: [\"a.test:81\"] }", "Match: { Path: /x, Hosts: [\"a.test:82\"] }")]
    [InlineData(
        "Match: { Path: /x, Headers: [ { Name: X-A, Values: [a] } ] }",
        "Match: { Path: /x, Headers: [ { Name: X-A, Values: [b] } ] }")]
    [InlineData("Match: { Path: /x, Headers: [ { Name: X-A, Values: [a] } ] }", "Match: { Path: /x }")]
    public void Is_none_where_one_of_them_comes_first(string first, string second) =>
        Assert.Equal("", Mistakes(Yaml(first, second)));

    [Theory]
    [InlineData("Headers: [ { Name: X-A, Values: [a] } ]", "Headers: [ { Name: X-B, Values: [b] } ]", "/x", "X-A: a", "X-B: b")]
    [InlineData(
        "Headers: [ { Name: X-A, Values: [a] } ]", "Headers: [ { Name: X-A, Values: [b] } ]", "/x", "X-A: a, b", "Accept: */*")]
    [InlineData(
        "QueryParameters: [ { Name: a, Mode: Exists } ]", "QueryParameters: [ { Name: b, Mode: Exists } ]", "/x?a=1&b=1",
        "Accept: */*", "X-C: d")]
    public async Task A_request_that_two_routes_take_is_400(string first, string second, string target, params string[] headers)
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml($"Match: {{ Path: /x, {first} }}", $"Match: {{ Path: /x, {second} }}"));

        var answer = await system.GetAsync(target, headers);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("ambiguous_target", await TestSystem.ReasonAsync(answer));
        Assert.Empty(system.Service.Received);
    }
}
