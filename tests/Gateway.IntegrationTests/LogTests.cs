using System.Net;
using System.Net.Sockets;
using Gateway.IntegrationTests.Harness;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>No log line holds a credential, an internal address or a stack trace; every trouble has one.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task Trouble_with_a_service_is_logged_without_its_address_and_without_a_stack_trace()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using var log = new CapturedLog();
        await using var system = await StartAsync(log, $$"""
            ReverseProxy:
              Routes: { orders: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } } }
              Clusters: { one: { Destinations: { first: { Address: "http://localhost:{{port}}/" } } } }
            """);

        await system.GetAsync("/x?secret=1");

        Assert.Contains("of route orders got no answer from destination first", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"{port}", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trouble_with_Kratos_is_logged_without_the_credential_and_without_its_address()
    {
        using var log = new CapturedLog();
        await using var system = await StartAsync(log, TestSystem.DefaultYaml());
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.DatabaseDown = true;
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await system.GetAsync("/kratos/self-service/login/browser");
        await system.Kratos.DisposeAsync();
        await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}");

        Assert.Contains("No verdict from Kratos", log.Text, StringComparison.Ordinal);
        Assert.Contains("its body was not passed on", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(session.Cookie, log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(session.Token, log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($":{system.Kratos.PublicUrl.Port}", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_no_trouble_of_the_service()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var log = new CapturedLog();
        await using var system = await StartAsync(log, $$"""
            ReverseProxy:
              Routes: { slow: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } } }
              Clusters: { one: { Destinations: { a: { Address: "http://{{silent.LocalEndpoint}}/" } } } }
            """);
        using var leave = new CancellationTokenSource();

        var request = system.Client.GetAsync(new Uri("/x", UriKind.Relative), leave.Token);
        using (await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
            await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);

        using var http = new HttpClient { BaseAddress = system.ManagementUrl };
        await TestSystem.UntilAsync(async () =>
            (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)).Contains(
                "gateway_requests_total{route=\"slow\"",
                StringComparison.Ordinal));
        Assert.DoesNotContain("got no answer", log.Text, StringComparison.Ordinal);
    }

    private static Task<TestSystem> StartAsync(CapturedLog log, string yaml) => TestSystem.StartAsync(
        ["--Logging:LogLevel:Default=Information", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information"], yaml,
        customize: builder => builder.Logging.ClearProviders().AddProvider(log));
}
