using Gateway.Access;
using Gateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.IntegrationTests;

/// <summary>Which routes <c>explain</c> names beside the one that takes the request, and what it says against each.</summary>
public sealed class NearMissTests : IAsyncDisposable
{
    private const string Yaml = """
        Kratos: { PublicUrl: "http://127.0.0.1:1" }
        ReverseProxy:
          Routes:
            orders: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: "/orders/{**rest}", Methods: [ GET ] } }
            order: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: "/orders/{id:int}", Methods: [ PUT ] } }
            shop:
              ClusterId: one
              AuthorizationPolicy: anonymous
              Match: { Path: "/shop/{**rest}", Hosts: [ shop.test, "*.shop.test" ] }
            beta:
              ClusterId: one
              AuthorizationPolicy: anonymous
              Match: { Path: "/news", Headers: [ { Name: X-Beta, Values: [ "1", "2" ] } ] }
            key:
              ClusterId: one
              AuthorizationPolicy: anonymous
              Match: { Path: "/keys", Headers: [ { Name: X-Api-Key, Mode: HeaderPrefix, Values: [ k ] } ] }
            page:
              ClusterId: one
              AuthorizationPolicy: anonymous
              Match: { Path: "/page", QueryParameters: [ { Name: v, Values: [ "2" ] } ] }
            twin-a:
              ClusterId: one
              AuthorizationPolicy: anonymous
              Match: { Path: "/twins", Headers: [ { Name: X-A, Mode: Exists } ] }
            twin-b:
              ClusterId: one
              AuthorizationPolicy: anonymous
              Match: { Path: "/twins", Headers: [ { Name: X-B, Mode: Exists } ] }
          Clusters: { one: { Destinations: { a: { Address: "http://127.0.0.1:1" } } } }
        """;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
    private readonly WebApplication _gateway;

    public NearMissTests()
    {
        File.WriteAllText(_file, Yaml);
        _gateway = GatewayApp.BuildUnstarted([], _file);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        File.Delete(_file);
    }

    [Theory]
    [InlineData("GET", "/orders/1", "", "orders", "order: method GET, wanted PUT")]
    [InlineData("PUT", "/orders/1", "", "order", "orders: method PUT, wanted GET, HEAD")]
    [InlineData("DELETE", "/orders/1", "", null, "order: method DELETE, wanted PUT; orders: method DELETE, wanted GET, HEAD")]
    [InlineData(
        "PUT", "/orders/x", "", null, "order: path /orders/x, wanted /orders/{id:int}; orders: method PUT, wanted GET, HEAD")]
    [InlineData(
        "GET", "/order/7", "", null,
        "orders: path /order/7, wanted /orders/{**rest}; order: path /order/7, wanted /orders/{id:int}"
            + " and method GET, wanted PUT")]
    [InlineData("GET", "http://other.test/shop/x", "", null, "shop: host other.test, wanted shop.test, *.shop.test")]
    [InlineData("GET", "http://a.shop.test/shop/x", "", "shop", "")]
    [InlineData("GET", "/news", "", null, "beta: header no X-Beta, wanted X-Beta (ExactHeader) 1 | 2")]
    [InlineData("GET", "/news", "X-Beta: 3", null, "beta: header X-Beta: 3, wanted X-Beta (ExactHeader) 1 | 2")]
    [InlineData("GET", "/news", "X-Beta: 2", "beta", "")]
    [InlineData("GET", "/keys", "X-Api-Key: s3cret", null, "key: header X-Api-Key: ***, wanted X-Api-Key (HeaderPrefix) k")]
    [InlineData("GET", "/page?v=1", "", null, "page: query v=1, wanted v (Exact) 2")]
    [InlineData("GET", "/page", "", null, "page: query no v, wanted v (Exact) 2")]
    [InlineData("GET", "/twins", "X-A: 1", "twin-a", "twin-b: header no X-B, wanted X-B (Exists)")]
    [InlineData("GET", "/nothing/near", "", null, "")]
    public async Task Every_route_that_could_be_meant_says_why_not(
        string method, string url, string header, string? route, string nearMisses)
    {
        var explained = await ExplainAsync(method, url, header.Length > 0 ? [header] : []);

        var told = explained.NearMisses.Select(miss =>
            $"{miss.Route}: {string.Join(" and ", miss.Because.Select(b => $"{b.Part} {b.Found}, wanted {b.Wanted}"))}");
        Assert.Equal((route, nearMisses), (explained.Route, string.Join("; ", told)));
    }

    [Fact]
    public async Task Routes_that_take_a_request_alike_name_each_other()
    {
        var explained = await ExplainAsync("GET", "/twins", ["X-A: 1", "X-B: 1"]);

        Assert.Equal((null, "ambiguous_target"), (explained.Route, explained.Answer.Reason));
        Assert.Equal(["twin-a", "twin-b"], explained.NearMisses.Select(miss => miss.Route));
        Assert.All(explained.NearMisses, miss => Assert.Equal(
            new Mismatch("order", "a lower Order", "twin-a and twin-b are equally good, so neither is taken"),
            Assert.Single(miss.Because)));
    }

    private Task<Explanation> ExplainAsync(string method, string url, string[] headers) =>
        _gateway.Services.GetRequiredService<ExplainCall>()(
            new ExplainRequest { Method = method, Url = url, Headers = headers }, TestContext.Current.CancellationToken);
}
