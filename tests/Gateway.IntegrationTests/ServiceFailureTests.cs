using System.Net;
using System.Net.Sockets;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>What a service fails to answer is answered by the gateway; what it does answer is passed on.</summary>
public sealed class ServiceFailureTests
{
    private const string Navigate = "Sec-Fetch-Mode: navigate";

    [Fact]
    public async Task A_service_that_is_down_is_502_without_its_address()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using var system = await TestSystem.StartAsync(yaml: To($"http://localhost:{port}/secret-base"));

        var page = await system.GetAsync("/x", Navigate);
        var api = await system.GetAsync("/x");

        Assert.Equal(HttpStatusCode.BadGateway, page.StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, api.StatusCode);
        Assert.Equal("upstream_unreachable", await TestSystem.ReasonAsync(api));
        foreach (var answer in (HttpResponseMessage[])[page, api])
        {
            var text = answer + await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain($"{port}", text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-base", text, StringComparison.Ordinal);
            Assert.DoesNotContain("localhost", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_service_that_says_nothing_is_504()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(); // accepts by the backlog, never answers
        await using var system = await TestSystem.StartAsync(
            yaml: To($"http://{silent.LocalEndpoint}", ", HttpRequest: { ActivityTimeout: \"00:00:00.3\" }"));

        var answer = await system.GetAsync("/x");

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("upstream_timeout", await TestSystem.ReasonAsync(answer));
    }

    [Fact]
    public async Task A_service_that_talks_nonsense_is_502()
    {
        using var nonsense = new TcpListener(IPAddress.Loopback, 0);
        nonsense.Start();
        var talk = Task.Run(async () =>
        {
            using var peer = await nonsense.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await peer.GetStream().WriteAsync("SSH-2.0-internal-host\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        await using var system = await TestSystem.StartAsync(yaml: To($"http://{nonsense.LocalEndpoint}"));

        var answer = await system.GetAsync("/x");
        await talk;

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.DoesNotContain(
            "internal-host",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_destination_is_503()
    {
        await using var system = await TestSystem.StartAsync(yaml: """
            ReverseProxy:
              Routes: { all: { ClusterId: none, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } } }
              Clusters: { none: { Destinations: {} } }
            """);

        var answer = await system.GetAsync("/x");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("upstream_unavailable", await TestSystem.ReasonAsync(answer));
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task What_a_service_says_itself_is_passed_on_untouched(int status)
    {
        await using var system = await TestSystem.StartAsync();

        var empty = await system.GetAsync($"/public/x?status={status}&empty", Navigate);
        var full = await system.GetAsync($"/public/x?status={status}&body=own", Navigate);

        Assert.Equal(status, (int)empty.StatusCode);
        Assert.Equal("", await empty.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(status, (int)full.StatusCode);
        Assert.Equal("own", await full.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static string To(string address, string more = "") => $$"""
        ReverseProxy:
          Routes: { all: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } } }
          Clusters: { one: { Destinations: { a: { Address: "{{address}}" } }{{more}} } }
        """;
}
