using System.Net;
using System.Text;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Who gets an answer on the management listener: by which Host, from which page, with which token.</summary>
public sealed class ManagementAccessTests
{
    private const string Everywhere = "--Management:Url=http://0.0.0.0:0";

    /// <summary>Every call, whether it reads people or changes something, and what it answers to who may.</summary>
    private static readonly (string Call, bool Guarded, int Status)[] Calls =
    [
        ("GET /health/alive", false, 200),
        ("HEAD /health/alive", false, 200),
        ("GET /HEALTH/ready", false, 200),
        ("GET /metrics", false, 200),
        ("DELETE /sessions/x", true, 200),
        ("DELETE /Sessions/x", true, 200),
        ("DELETE //sessions/x", true, 404),
        ("DELETE /identities/x/sessions", true, 200),
        ("GET /api/decisions/x", true, 404),
        ("POST /api/explain", true, 200),
        ("GET /nowhere", true, 404),
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> EveryCall => [.. Calls.Select(call => (call.Call, call.Status))];

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.1:8001", true)]
    [InlineData("10.1.2.3:8001", true)]
    [InlineData("[::1]:8001", true)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:8001", true)]
    [InlineData("admin.test", true)]
    [InlineData("ADMIN.test:8001", true)]
    [InlineData("", true)] // of programs only: a browser always has one
    [InlineData("evil.test", false)]
    [InlineData("evil.test:8001", false)]
    [InlineData("localhost.evil.test", false)]
    [InlineData("127.0.0.1.evil.test", false)]
    [InlineData("x.admin.test", false)]
    [InlineData("admin.test.evil.test", false)]
    public async Task Only_addresses_localhost_and_the_hosts_that_are_named_are_answered(string host, bool answered)
    {
        await using var system = await TestSystem.StartAsync(["--Management:Hosts:0=admin.test"]);

        foreach (var (call, _, status) in Calls)
        {
            var answer = await AskAsync(system, call, host);

            Assert.Equal((call, answered ? status : 400), (call, answer.Status));
            Assert.Contains("no-store", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Access-Control", answer.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("Origin: http://evil.test", false)]
    [InlineData("Origin: null", false)]
    [InlineData("Origin: http://127.0.0.1:8000", false)] // another port is another origin
    [InlineData("Origin: http://127.0.0.1:8001", true)]
    [InlineData("Origin: http://evil.test\r\nOrigin: http://127.0.0.1:8001", false)]
    [InlineData("Sec-Fetch-Site: cross-site", false)]
    [InlineData("Sec-Fetch-Site: same-site", false)]
    [InlineData("Sec-Fetch-Site: cross-site\r\nOrigin: http://127.0.0.1:8001", false)]
    [InlineData("Sec-Fetch-Site: same-origin", true)]
    [InlineData("Sec-Fetch-Site: none", true)]
    [InlineData("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site", false)]
    [InlineData("X-Nothing: of a browser", true)]
    public async Task A_page_of_another_site_changes_nothing(string headers, bool answered)
    {
        await using var system = await TestSystem.StartAsync();

        foreach (var (call, _, status) in Calls)
        {
            var writes = !call.StartsWith("GET", StringComparison.Ordinal) && !call.StartsWith("HEAD", StringComparison.Ordinal);

            var answer = await AskAsync(system, call, "127.0.0.1:8001", headers);

            Assert.Equal((call, writes && !answered ? 403 : status), (call, answer.Status));
        }
    }

    [Theory]
    [MemberData(nameof(EveryCall))]
    public async Task Where_others_reach_the_listener_what_reads_people_or_changes_something_is_closed_without_a_token(
        string call, int status)
    {
        var guarded = Calls.Single(one => one.Call == call).Guarded;
        await using var closed = await TestSystem.StartAsync([Everywhere]);
        await using var opened = await TestSystem.StartAsync([Everywhere, "--Management:AllowAnonymous=true"]);

        var answer = await AskAsync(closed, call);

        Assert.Equal(guarded ? 403 : status, answer.Status);
        Assert.Equal(guarded, answer.Text.Contains("Management:TokenFile", StringComparison.Ordinal));
        Assert.Equal(status, (await AskAsync(opened, call)).Status);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://0.0.0.0:0")]
    public async Task With_a_token_file_its_text_opens_what_reads_people_or_changes_something(string url)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "t0ken\n", Cancelled);
        await using var system = await TestSystem.StartAsync([$"--Management:Url={url}", $"--Management:TokenFile={file}"]);

        foreach (var (call, guarded, status) in Calls)
        {
            Assert.Equal((call, guarded ? 401 : status), (call, (await AskAsync(system, call)).Status));
            Assert.Equal(
                (call, guarded ? 401 : status),
                (call, (await AskAsync(system, call, headers: "Authorization: Bearer t0kem")).Status));
            Assert.Equal(
                (call, status), (call, (await AskAsync(system, call, headers: "Authorization: Bearer t0ken")).Status));
        }
        await File.WriteAllTextAsync(file, "another", Cancelled);

        var old = await AskAsync(system, "DELETE /sessions/x", headers: "Authorization: Bearer t0ken");
        var now = await AskAsync(system, "DELETE /sessions/x", headers: "Authorization: Bearer another");
        File.Delete(file);
        var gone = await AskAsync(system, "DELETE /sessions/x", headers: "Authorization: Bearer another");

        Assert.Equal((401, 200, 403), (old.Status, now.Status, gone.Status));
    }

    [Fact]
    public async Task Metrics_ask_for_a_token_of_their_own_where_one_is_set()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "m3trics", Cancelled);
        await using var system = await TestSystem.StartAsync([$"--Management:MetricsTokenFile={file}"]);

        var stranger = await AskAsync(system, "GET /metrics");
        var scraper = await AskAsync(system, "GET /metrics", headers: "Authorization: Bearer m3trics");
        var health = await AskAsync(system, "GET /health/ready");
        var revocation = await AskAsync(system, "DELETE /sessions/x");
        await File.WriteAllTextAsync(file, "other", Cancelled);
        var rotated = await AskAsync(system, "GET /metrics", headers: "Authorization: Bearer other");
        File.Delete(file);

        Assert.Equal((401, 200, 200), (stranger.Status, scraper.Status, rotated.Status));
        Assert.Equal((200, 200), (health.Status, revocation.Status)); // nobody else reaches this listener
    }

    [Theory]
    [InlineData("/metrics/")]
    [InlineData("/METRICS/")]
    [InlineData("/metrics//")]
    [InlineData("/%6Detrics/")]
    [InlineData("/x/../metrics/")]
    public async Task No_spelling_of_their_path_gets_metrics_without_their_token(string path)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "m3trics", Cancelled);
        await using var system = await TestSystem.StartAsync([$"--Management:MetricsTokenFile={file}"]);

        var answer = await AskAsync(system, $"GET {path}");

        File.Delete(file);
        Assert.Equal(401, answer.Status);
        Assert.DoesNotContain("# HELP", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relative_token_file_is_looked_for_beside_the_configuration_file()
    {
        await using var system = await TestSystem.StartAsync();
        var folder = Path.GetDirectoryName(system.ConfigFile)!;
        await File.WriteAllTextAsync(Path.Combine(folder, "token"), "t0ken", Cancelled);
        await File.WriteAllTextAsync(Path.Combine(folder, "metrics-token"), "m3trics", Cancelled);
        string[] files = ["--Management:TokenFile=token", "--Management:MetricsTokenFile=metrics-token"];
        await using var gateway = await GatewayProcess.StartInAsync(Path.GetTempPath(), system, files);
        string[] where = ["--config", system.ConfigFile, $"--Management:Url={gateway.Management}".TrimEnd('/'), .. files];

        var asked = await GatewayCommand.RunAsync(["explain", "GET", "/public/x", "--running", .. where]);
        var revoked = await GatewayCommand.RunAsync(["sessions", "revoke", "x", .. where]);
        var metrics = await GatewayCommand.RunAsync(["metrics", .. where]);

        Assert.Equal(("", 0), (asked.Error, asked.ExitCode));
        Assert.Equal(("", 0), (revoked.Error, revoked.ExitCode));
        Assert.Equal("0 cached sessions dropped.\n", revoked.Output);
        Assert.Contains("gateway_requests_total", metrics.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_revokes_by_the_command_line_what_the_running_gateway_has_cached()
    {
        await using var system = await TestSystem.StartAsync();
        var url = $"--Management:Url={system.ManagementUrl.GetLeftPart(UriPartial.Authority)}";
        var (first, second) = (await system.Kratos.SignInNewAsync(), await system.Kratos.SignInNewAsync());
        foreach (var session in (DevKratos.DevSession[])[first, second])
        {
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
            system.Kratos.RevokeSession(session.SessionId);
        }

        var bySession = await GatewayCommand.RunAsync(["sessions", "revoke", $"{first.SessionId}", url]);
        var byIdentity = await GatewayCommand.RunAsync(["sessions", "revoke", "--identity", $"{second.IdentityId}", url]);
        var ofNobody = await GatewayCommand.RunAsync(["sessions", "revoke", url]);
        var ofBoth = await GatewayCommand.RunAsync(["sessions", "revoke", "a", "--identity", "b", url]);
        var nowhere = await GatewayCommand.RunAsync(["sessions", "revoke", "a", "--Management:Url=http://127.0.0.1:1"]);
        var metrics = await GatewayCommand.RunAsync(["metrics", url]);

        Assert.Equal("1 cached session dropped.\n", bySession.Output);
        Assert.Equal("1 cached session dropped.\n", byIdentity.Output);
        foreach (var session in (DevKratos.DevSession[])[first, second])
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal((1, 1, 1), (ofNobody.ExitCode, ofBoth.ExitCode, nowhere.ExitCode));
        Assert.Contains("one of the two", ofNobody.Error, StringComparison.Ordinal);
        Assert.StartsWith("No gateway's management listener answers at", nowhere.Error, StringComparison.Ordinal);
        Assert.Equal(0, metrics.ExitCode);
        Assert.StartsWith("# HELP", metrics.Output, StringComparison.Ordinal);
    }

    /// <summary>Asks by a loopback address, wherever it listens.</summary>
    private static Task<RawAnswer> AskAsync(
        TestSystem system, string call, string host = "127.0.0.1", string headers = "X-Test: 1")
    {
        const string Question = """{"method":"GET","url":"/"}""";
        var body = call.StartsWith("POST", StringComparison.Ordinal)
            ? $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(Question)}\r\n\r\n{Question}"
            : "\r\n";
        return RawHttp.SendAsync(
            new Uri($"http://127.0.0.1:{system.ManagementUrl.Port}"),
            $"{call} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n{body}");
    }
}
