using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Access;
using Gateway.IntegrationTests.Harness;
using Gateway.Management;
using Gateway.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.IntegrationTests;

/// <summary>From the id on a refusal's page an operator finds why; nobody else does, and no credential is in it.</summary>
public sealed partial class DecisionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_request_id_on_the_page_the_condition_and_what_it_compared_are_found()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync("anna@elsewhere.test");
        var page = await system.GetAsync("/staff/x?secret=1", $"Cookie: {session.CookieHeader}", "Accept: text/html");
        var id = RequestIdOnThePage().Match(await page.Content.ReadAsStringAsync(Cancelled)).Groups[1].Value;

        var (status, text) = await AskAsync(system, $"/api/decisions/{id}");

        var decision = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (page.StatusCode, status));
        Assert.Equal(
            $$"""
            {"request_id":"{{id}}","time":"*","method":"GET","path":"/staff/x","route":"staff","rule":"staff",
            "reason":"trait_mismatch","status":403,"subject":"{{session.IdentityId}}",
            "conditions":[{"name":"Trait","holds":false,"wanted":"email ends with \u0022@example.org\u0022","found":"\u0022anna@elsewhere.test\u0022"}]}
            """.ReplaceLineEndings(""),
            Time().Replace(JsonSerializer.Serialize(decision), "\"time\":\"*\""));
        Assert.DoesNotContain(session.Cookie, text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/private/x", "no_session", 401, "private", "signed-in")]
    [InlineData("/nowhere", "no_route", 404, null, null)]
    [InlineData("/public/a%2Fb", "ambiguous_target", 400, "public", "anonymous")]
    [InlineData("/aal2/x", "no_session", 401, "aal2", "aal2")]
    public async Task Every_refusal_is_kept(string target, string reason, int status, string? route, string? rule)
    {
        await using var system = await TestSystem.StartAsync();
        var refused = await RawHttp.RequestAsync(system.Url, target);
        var id = RequestIdHeader().Match(refused.Text).Groups[1].Value;

        var decision = JsonSerializer.Deserialize<DecisionReport>(
            (await AskAsync(system, $"/api/decisions/{id}")).Text, ManagementJson.Default.DecisionReport)!;

        Assert.Equal((reason, status, route, rule), (decision.Reason, decision.Status, decision.Route, decision.Rule));
        Assert.Null(decision.Subject);
        Assert.All(decision.Conditions, condition => Assert.Null(condition.Holds));
    }

    [Fact]
    public async Task What_is_not_kept_is_404_in_our_shape()
    {
        await using var system = await TestSystem.StartAsync();
        await system.GetAsync("/public/x");

        var (status, text) = await AskAsync(system, "/api/decisions/0HN000:00000001");

        Assert.Equal(HttpStatusCode.NotFound, status);
        var error = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error");
        Assert.Equal("not_found", error.GetProperty("id").GetString());
        Assert.Contains("is not kept any more", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer t0ken", 404)]
    [InlineData("bearer  t0ken ", 404)]
    [InlineData("Bearer t0ken2", 401)]
    [InlineData("Bearer t0ke", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("Basic t0ken", 401)]
    [InlineData("t0ken", 401)]
    [InlineData("", 401)]
    public async Task With_a_token_file_its_text_is_asked_for(string authorization, int status)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, " t0ken\n", Cancelled);
        await using var system = await TestSystem.StartAsync([$"--Management:TokenFile={file}"]);

        var answer = await AskAsync(system, "/api/decisions/x", authorization);
        var health = await AskAsync(system, "/health/alive");
        await File.WriteAllTextAsync(file, "another", Cancelled);
        var replaced = await AskAsync(system, "/api/decisions/x", "Bearer another");
        File.Delete(file);
        var gone = await AskAsync(system, "/api/decisions/x", "Bearer another");

        Assert.Equal((status, 200, 404), ((int)answer.Status, (int)health.Status, (int)replaced.Status));
        Assert.Equal(HttpStatusCode.Forbidden, gone.Status);
    }

    [Fact]
    public async Task Where_others_reach_the_listener_and_no_token_is_set_nobody_gets_an_answer()
    {
        await using var system = await TestSystem.StartAsync(["--Management:Url=http://0.0.0.0:0"]);
        var port = system.ManagementUrl.Port;

        var (status, text) = await AskAsync(new Uri($"http://127.0.0.1:{port}/api/decisions/x"));
        var (metrics, _) = await AskAsync(new Uri($"http://127.0.0.1:{port}/metrics"));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (status, metrics));
        Assert.Contains("set Management:TokenFile", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", 404)]
    [InlineData("127.0.0.1:8001", 404)]
    [InlineData("[::1]:8001", 404)]
    [InlineData("localhost", 404)]
    [InlineData("LOCALHOST:8001", 404)]
    [InlineData("evil.test", 400)]
    [InlineData("evil.test:8001", 400)]
    [InlineData("localhost.evil.test", 400)]
    [InlineData("127.0.0.1.evil.test", 400)]
    public async Task A_page_whose_name_leads_here_gets_no_answer(string host, int status)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await RawHttp.SendAsync(
            system.ManagementUrl, $"GET /api/decisions/x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Contains("no-store", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control", answer.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("text/plain", """{"method":"GET","url":"/"}""", 415)]
    [InlineData("application/json", """{"method":"GET","url":"/"}""", 200)]
    [InlineData("application/json", """{"method":"GET"}""", 400)]
    [InlineData("application/json", """{"url":"/"}""", 400)]
    [InlineData("application/json", """{"method":"GET","url":"/","headers":[null]}""", 400)]
    [InlineData("application/json", """{"method":"GET","url":"/","headers":null,"session":null}""", 200)]
    [InlineData("application/json", """{"method":"GET","url":"/","session":"x"}""", 400)]
    [InlineData("application/json", """{"method":"GET","url":"/","cokie":"x"}""", 400)]
    [InlineData("application/json", "null", 400)]
    [InlineData("application/json", "[", 400)]
    public async Task Questions_are_JSON_of_the_documented_shape(string type, string body, int status)
    {
        await using var system = await TestSystem.StartAsync();
        using var http = new HttpClient();

        using var content = new StringContent(body, Encoding.UTF8, type);
        var answer = await http.PostAsync(new Uri(system.ManagementUrl, "/api/explain"), content, Cancelled);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Explaining_counts_keeps_and_logs_no_request()
    {
        await using var system = await TestSystem.StartAsync();
        using var http = new HttpClient { BaseAddress = system.ManagementUrl };

        using var answer = await http.PostAsJsonAsync(
            new Uri("/api/explain", UriKind.Relative),
            new ExplainRequest { Method = "GET", Url = "/private/x" },
            ExplainJson.Default.ExplainRequest,
            Cancelled);

        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancelled);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("gateway_decisions_total{route=\"private\"", metrics, StringComparison.Ordinal);
        Assert.Null(system.Gateway.Services.GetRequiredService<RecentDenials>().Find("explain"));
    }

    [Fact]
    public async Task A_saved_configuration_is_the_one_that_is_explained()
    {
        await using var system = await TestSystem.StartAsync();
        var explain = system.Gateway.Services.GetRequiredService<ExplainCall>();
        var asked = new ExplainRequest { Method = "GET", Url = "/new/x" };
        var before = await explain(asked, Cancelled);

        await system.WriteConfigAsync(TestSystem.DefaultYaml().Replace("/public/", "/new/", StringComparison.Ordinal));
        await TestSystem.UntilAsync(async () => (await system.GetAsync("/new/x")).IsSuccessStatusCode);

        Assert.Equal((null, "public"), (before.Route, (await explain(asked, Cancelled)).Route));
    }

    [Fact]
    public async Task The_access_log_names_rule_and_failed_condition_and_no_trait()
    {
        var stream = new MemoryStream();
        var output = new LogOutput(stream, Stream.Null);
        var system = await TestSystem.StartAsync(
            ["--AccessLog:Enabled=true"],
            customize: builder => builder.Services.Replace(ServiceDescriptor.Singleton(output)));
        var session = await system.Kratos.SignInNewAsync("anna@elsewhere.test");
        await system.GetAsync("/staff/x", $"Cookie: {session.CookieHeader}");
        await system.GetAsync("/staff/x");
        await system.GetAsync("/public/x");
        await system.DisposeAsync();
        output.Dispose();

        var text = Encoding.UTF8.GetString(stream.ToArray());
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Select(line => $"{Get(line, "rule")} {Get(line, "reason")} {Get(line, "condition")}");
        Assert.Equal(["anonymous  ", "staff no_session ", "staff trait_mismatch Trait"], lines.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("elsewhere", text, StringComparison.Ordinal);

        static string? Get(JsonElement line, string name) => line.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    private static Task<(HttpStatusCode Status, string Text)> AskAsync(
        TestSystem system, string path, string authorization = "") =>
        AskAsync(new Uri(system.ManagementUrl, path), authorization);

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(Uri url, string authorization = "")
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await http.SendAsync(request, Cancelled);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    [GeneratedRegex("Request <code>([^<]+)</code>")]
    private static partial Regex RequestIdOnThePage();

    [GeneratedRegex("X-Request-Id: (.+?)\r\n")]
    private static partial Regex RequestIdHeader();

    [GeneratedRegex("\"time\":\"[^\"]+\"")]
    private static partial Regex Time();
}
