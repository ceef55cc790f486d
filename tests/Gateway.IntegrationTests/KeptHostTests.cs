using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>A route that keeps the Host hands on every host that there can be.</summary>
public sealed class KeptHostTests
{
    /// <summary>Hosts that are letters, digits, hyphens, underscores and dots, and that nobody would give a service.</summary>
    [Theory]
    [InlineData("a_b.test")]
    [InlineData("_")]
    [InlineData("-")]
    [InlineData("-a.test")]
    [InlineData("a-.test")]
    [InlineData("a_.test")]
    [InlineData("_a_._b_")]
    [InlineData("a--b")]
    [InlineData("--")]
    [InlineData("_-_")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3")]
    [InlineData("256.256.256.256")]
    [InlineData("0x7f.1")]
    [InlineData("0x")]
    [InlineData("4294967296")]
    [InlineData("99999999999999999999")]
    [InlineData("01.02.03.04")]
    [InlineData("a.1")]
    [InlineData("1.-0")]
    [InlineData("a.-b.test")]
    [InlineData("a._b.test:8080")]
    [InlineData("a.b-.-c")]
    [InlineData("_.-X.-.-_")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("a.test:65535")]
    [InlineData("a.test:00080")]
    [InlineData("[::1]:80")]
    [InlineData("[::ffff:1.2.3.4]")]
    [InlineData("[1:2:3:4:5:6:7::]")]
    public async Task An_odd_host_on_a_route_that_keeps_it_is_never_the_services_failure(string host)
    {
        string[] routes =
        [
            "Transforms: [ { RequestHeaderOriginalHost: \"true\" } ]",
            "Transforms: [ { RequestHeaderOriginalHost: \"true\" }, { RequestHeader: X-Extra, Set: more } ]",
        ];
        foreach (var transforms in routes)
        {
            await using var system = await TestSystem.StartAsync(yaml: With(transforms));

            var answer = await RawHttp.SendAsync(
                system.Url, $"GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

            Assert.True(answer.Status is 200 or 400, $"{host} {answer.Text}");
            if (system.Service.Received.Count == 0)
                Assert.Contains("malformed_request", answer.Text, StringComparison.Ordinal);
            if (answer.Status is 200)
                Assert.Equal(host, system.Service.Only.Header("Host"));
        }
    }

    private static string With(string transforms) => $$"""
        ReverseProxy:
          Routes:
            all: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" }, {{transforms}} }
          Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
        """;
}
