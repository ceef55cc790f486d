using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Health, metrics and revocation, on a port of their own and nowhere else.</summary>
public sealed partial class ManagementTests
{
    private static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(
        TestSystem system,
        string path,
        HttpMethod? method = null)
    {
        using var answer = await system.ManageAsync(path, method);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/health/alive")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/sessions/x")]
    public async Task The_public_port_does_not_answer_for_management(string path)
    {
        await using var system = await TestSystem.StartAsync();
        var management = system.ManagementUrl.Authority;

        foreach (var host in (string[])[system.Url.Authority, management, "localhost", "127.0.0.1:8001"])
            foreach (var method in (string[])["GET", "DELETE"])
            {
                var answer = await RawHttp.SendAsync(
                    system.Url,
                    $"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                        + $"X-Forwarded-Host: {management}\r\nX-Forwarded-Port: {system.ManagementUrl.Port}\r\n\r\n");
                Assert.Equal(404, answer.Status);
            }
    }

    [Fact]
    public async Task The_management_port_serves_nothing_of_the_public_one()
    {
        await using var system = await TestSystem.StartAsync();
        using var http = new HttpClient { BaseAddress = system.ManagementUrl };

        foreach (var path in (string[])["/public/x", "/kratos/health/alive", "/auth/welcome", "/"])
            Assert.Equal(
                HttpStatusCode.NotFound,
                (await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Empty(system.Service.Received);
    }

    [Fact]
    public async Task Alive_says_so_whatever_Kratos_does()
    {
        await using var system = await TestSystem.StartAsync();
        await system.Kratos.DisposeAsync();

        var (status, body) = await AskAsync(system, "/health/alive");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("ok", body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Ready_waits_for_Kratos_once_and_only_warns_of_later_trouble()
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.Faults.DatabaseDown = true;
        var before = await AskAsync(system, "/health/ready");
        system.Kratos.Faults.DatabaseDown = false;
        system.Time.Advance(TimeSpan.FromSeconds(3));
        var good = await AskAsync(system, "/health/ready");
        system.Kratos.Faults.DatabaseDown = true;
        system.Time.Advance(TimeSpan.FromSeconds(3));
        var later = await AskAsync(system, "/health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, before.Status);
        Assert.Contains("Kratos", before.Body.GetProperty("missing").ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, good.Status);
        Assert.Equal("""{"status":"ok"}""", good.Body.GetRawText());
        Assert.Equal(HttpStatusCode.OK, later.Status);
        Assert.Contains("Kratos", later.Body.GetProperty("warnings").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readiness_asks_Kratos_rarely()
    {
        await using var system = await TestSystem.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync(system, "/health/ready")));

        Assert.Equal(1, system.Kratos.Faults.ReadyCalls);
    }

    [Fact]
    public async Task A_session_is_dropped_by_its_id_in_any_case()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}");
        system.Kratos.RevokeSession(session.SessionId);

        // In capitals, as Kratos takes it, too.
        var (status, body) = await AskAsync(
            system,
            $"/sessions/{session.SessionId.ToString().ToUpperInvariant()}",
            HttpMethod.Delete);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, body.GetProperty("count").GetInt32());
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);
        Assert.Equal(0, (await AskAsync(system, "/sessions/unknown", HttpMethod.Delete)).Body.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Every_session_of_an_identity_is_dropped_and_no_other()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var (first, second, stranger) = (
            system.Kratos.SignIn(person.Id),
            system.Kratos.SignIn(person.Id),
            await system.Kratos.SignInNewAsync());
        foreach (var session in (DevKratos.DevSession[])[first, second, stranger])
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Kratos.SetActive(person.Id, false);

        var (_, body) = await AskAsync(system, $"/identities/{person.Id}/sessions", HttpMethod.Delete);

        Assert.Equal(2, body.GetProperty("count").GetInt32());
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {first.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {second.CookieHeader}")).StatusCode);
        system.Kratos.Faults.ResetCounters();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {stranger.CookieHeader}")).StatusCode);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task Metrics_are_Prometheus_text_and_nobody_can_add_labels()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync("anna@example.org");
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await system.GetAsync("/private/x");
        var before = await system.MetricsAsync();
        for (var i = 0; i < 20; i++)
            await system.SendAsync(
                new HttpMethod($"M{i}"), $"/random-{i}/%22%0a", $"X-Session-Token: t{i}", $"User-Agent: agent-{i}",
                $"Host: host-{i}");
        var after = await system.MetricsAsync();

        Assert.All(after.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
        Assert.Equal(
            Series(before).Where(s => !s.Contains("gateway:none", StringComparison.Ordinal)),
            Series(after).Where(s => !s.Contains("gateway:none", StringComparison.Ordinal)));
        string[] words = ["random", "agent-", "host-", "t1", "anna", $"{session.IdentityId}", $"{session.SessionId}"];
        foreach (var word in words)
            Assert.DoesNotContain(word, after, StringComparison.Ordinal);
        Assert.Contains("gateway_session_lookups_total{result=\"hit\"} 1\n", after, StringComparison.Ordinal);
        Assert.Contains("gateway_session_lookups_total{result=\"miss\"} 1\n", after, StringComparison.Ordinal);
        Assert.Contains(
            "gateway_decisions_total{route=\"private\",decision=\"allow\",reason=\"\"} 2\n",
            after,
            StringComparison.Ordinal);
        Assert.Contains(
            "gateway_decisions_total{route=\"private\",decision=\"deny\",reason=\"no_session\"} 1\n",
            after,
            StringComparison.Ordinal);
        Assert.Contains("gateway_requests_total{route=\"private\",status=\"4xx\"} 1\n", after, StringComparison.Ordinal);
        foreach (var name in Series(after).Select(s => s.Split('{')[0]))
            Assert.Contains($"# TYPE {Base().Replace(name, "")} ", after, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Series(string metrics) =>
        metrics.Split('\n')
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l[..l.LastIndexOf(' ')])
            .Order(StringComparer.Ordinal);

    [GeneratedRegex(
        """^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.]+(E[+-]?[0-9]+)?|NaN))$""")]
    private static partial Regex Line();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Base();

    [Fact]
    public async Task Health_answers_to_HEAD_as_load_balancers_ask()
    {
        await using var system = await TestSystem.StartAsync();

        foreach (var path in (string[])["/health/alive", "/health/ready"])
            Assert.Equal(HttpStatusCode.OK, (await system.ManageAsync(path, HttpMethod.Head)).StatusCode);
    }
}
