using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevKratos;
using Gateway.IntegrationTests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>Nothing is published and nobody is let in unless <c>Kratos:PublicUrl</c> is Kratos' public API.</summary>
public sealed class KratosAddressTests
{
    /// <summary>Whoami answers none of these with: no one is there, or nothing answers in time.</summary>
    private const int Refused = 0, Silent = -1;

    private const string Session = """
        {"id":"11111111-0000-0000-0000-000000000000","active":true,"expires_at":"2126-01-01T00:00:00Z",
         "authenticator_assurance_level":"aal1",
         "identity":{"id":"33333333-0000-0000-0000-000000000000","traits":{"email":"a@example.org"}}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_admin_port_gives_away_nobodys_sessions_and_ends_none()
    {
        await using var kratos = await StartKratosAsync();
        var session = await kratos.SignInNewAsync("ann@example.org");
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.AdminUrl}"]);

        var list = await system.GetAsync("/kratos/sessions?expand=identity");
        Assert.DoesNotContain("ann@example.org", await list.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await AssertUnavailableAsync(list);
        await AssertUnavailableAsync(await system.SendAsync(HttpMethod.Delete, $"/kratos/sessions/{session.SessionId}"));
        await AssertUnavailableAsync(await system.SendAsync(HttpMethod.Patch, $"/kratos/sessions/{session.SessionId}/extend"));

        Assert.True(await IsActiveAsync(kratos, session));
        await AssertUnavailableAsync(await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}"));
        var (ready, text) = await ReadyAsync(system);
        Assert.False(ready);
        Assert.Contains("Kratos:PublicUrl answers as Kratos' admin API does (307", text, StringComparison.Ordinal);
        Assert.Contains("set it to Kratos' public API (port 4433)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/sessions")]
    [InlineData("HEAD", "/sessions")]
    [InlineData("DELETE", "/sessions")]
    [InlineData("GET", "/sessions/whoami")]
    [InlineData("DELETE", "/sessions/11111111-0000-0000-0000-000000000000")]
    [InlineData("PATCH", "/sessions/11111111-0000-0000-0000-000000000000/extend")]
    [InlineData("GET", "/self-service/login/browser")]
    [InlineData("POST", "/self-service/login")]
    [InlineData("GET", "/self-service/logout?token=x")]
    [InlineData("DELETE", "/self-service/logout/api")]
    [InlineData("POST", "/self-service/recovery")]
    [InlineData("GET", "/schemas/default")]
    [InlineData("GET", "/.well-known/ory/webauthn.js")]
    [InlineData("GET", "/health/ready")]
    [InlineData("OPTIONS", "/sessions")]
    public async Task No_kind_of_call_reaches_a_wrong_address(string method, string path)
    {
        await using var stranger = await Stranger.StartAsync(307);
        string[] address = [$"--Kratos:PublicUrl={stranger.Url}"];
        await using var system = await TestSystem.StartAsync(address);
        await using var http2 = await TestSystem.StartAsync(["--Kestrel:EndpointDefaults:Protocols=Http2", .. address]);

        var target = "/kratos" + path;
        var answer = await RawHttp.RequestAsync(system.Url, target, method, "X-Session-Token: ory_st_x", "Content-Length: 0");
        Assert.Equal(503, answer.Status);
        Assert.Contains("Retry-After: ", answer.Text, StringComparison.Ordinal);
        var upgrade = await RawHttp.SendAsync(system.Url, $"GET {target} HTTP/1.1\r\nHost: {system.Url.Authority}\r\n"
            + "Connection: Upgrade, close\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        Assert.Equal(503, upgrade.Status);
        (string, string)[] headers =
            [(":method", method), (":scheme", "http"), (":authority", http2.Url.Authority), (":path", target)];
        Assert.Equal(503, await RawHttp2.SendAsync(http2.Url, headers));

        Assert.Empty(stranger.Others);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    public async Task A_service_that_answers_everything_alike_is_named_as_a_wrong_address_and_gets_nothing(int status)
    {
        await using var stranger = await Stranger.StartAsync(status, ready: status);
        using var log = new CapturedLog();
        await using var system = await StartAsync(stranger.Url, log);

        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        var (ready, text) = await ReadyAsync(system);

        Assert.Empty(stranger.Others);
        Assert.False(ready);
        Assert.Contains("Kratos:PublicUrl", text, StringComparison.Ordinal);
        Assert.Contains($"{status}", text, StringComparison.Ordinal);
        Assert.Contains("set it to Kratos' public API (port 4433)", text, StringComparison.Ordinal);
        var line = Assert.Single(log.Text.Split('\n'), l => l.Contains("Kratos:PublicUrl", StringComparison.Ordinal));
        Assert.StartsWith("Error ", line, StringComparison.Ordinal);
        Assert.Contains("port 4433", line, StringComparison.Ordinal);
        Assert.DoesNotContain($":{stranger.Url.Port}", log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Refused)]
    [InlineData(Silent)]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task What_was_never_confirmed_is_not_published_and_is_as_soon_as_Kratos_confirms_it(int trouble)
    {
        var port = Postgres.FreePort();
        using var log = new CapturedLog();
        await using var system = await StartAsync(new($"http://127.0.0.1:{port}"), log, "--Kratos:Timeout=00:00:00.200");
        var stranger = trouble is Refused ? null : await Stranger.StartAsync(trouble, port: port);

        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        var (ready, text) = await ReadyAsync(system);
        Assert.False(ready, text);
        Assert.Contains("Kratos", text, StringComparison.Ordinal);
        Assert.DoesNotContain("4433", text, StringComparison.Ordinal); // nobody knows that the address is wrong
        Assert.Empty(stranger?.Others ?? []);

        stranger ??= await Stranger.StartAsync(401, port: port);
        await using var kratos = stranger;
        kratos.Whoami = 401;
        system.Time.Advance(TimeSpan.FromSeconds(3));
        await TestSystem.UntilAsync(async () => (await system.GetAsync("/kratos/sessions")).StatusCode is HttpStatusCode.OK);
        Assert.True((await ReadyAsync(system)).Ready);
        Assert.DoesNotContain("Kratos:PublicUrl", log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Silent)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task What_was_confirmed_stays_published_while_Kratos_gives_no_verdict(int trouble)
    {
        await using var kratos = await Stranger.StartAsync(401);
        using var log = new CapturedLog();
        await using var system = await StartAsync(kratos.Url, log, "--Kratos:Timeout=00:00:00.200");
        Assert.True((await ReadyAsync(system)).Ready);
        kratos.Whoami = trouble;
        await system.GetAsync("/private/x", "X-Session-Token: ory_st_x");

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/sessions")).StatusCode);
        Assert.True((await ReadyAsync(system)).Ready);
        Assert.DoesNotContain("Kratos:PublicUrl", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_request_after_a_start_is_answered_by_Kratos_though_nobody_asked_for_readiness()
    {
        await using var system = await TestSystem.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/self-service/login/api")).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kratos_that_comes_after_the_gateway_is_published_when_it_is_the_public_port(bool isPublic)
    {
        var port = Postgres.FreePort();
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl=http://127.0.0.1:{port}"]);
        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));

        await using var kratos = await StartKratosAsync(isPublic ? port : 0, isPublic ? 0 : port);
        await kratos.SignInNewAsync("ann@example.org");

        if (isPublic)
            Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/self-service/login/api")).StatusCode);
        else
            await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        system.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(isPublic, (await ReadyAsync(system)).Ready);
    }

    [Theory]
    [InlineData("readiness")]
    [InlineData("a call to Kratos")]
    [InlineData("a look-up")]
    public async Task Kratos_that_comes_back_as_its_admin_port_is_no_longer_published(string noticedBy)
    {
        await using var first = await StartKratosAsync();
        var port = first.PublicUrl.Port;
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={first.PublicUrl}"]);
        Assert.True((await ReadyAsync(system)).Ready);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/self-service/login/api")).StatusCode);

        await first.DisposeAsync();
        system.Time.Advance(TimeSpan.FromSeconds(3));
        switch (noticedBy)
        {
            case "readiness":
                var (ready, text) = await ReadyAsync(system);
                Assert.True(ready);
                Assert.Contains("Kratos is not ready", text, StringComparison.Ordinal);
                break;
            case "a call to Kratos":
                Assert.Equal(HttpStatusCode.BadGateway, (await system.GetAsync("/kratos/self-service/login/api")).StatusCode);
                break;
            default:
                await AssertUnavailableAsync(await system.GetAsync("/private/x", "X-Session-Token: ory_st_x"));
                break;
        }
        await using var second = await StartKratosAsync(adminPort: port);
        var session = await second.SignInNewAsync("ann@example.org");

        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        await AssertUnavailableAsync(await system.SendAsync(HttpMethod.Delete, $"/kratos/sessions/{session.SessionId}"));
        Assert.True(await IsActiveAsync(second, session));
        system.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.False((await ReadyAsync(system)).Ready);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_address_that_leads_elsewhere_without_any_trouble_is_published_for_a_minute_at_most(
        bool noticedByReadiness)
    {
        await using var kratos = await Stranger.StartAsync(401);
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Url}"]);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/sessions")).StatusCode);
        kratos.Whoami = 307; // another port behind the same name

        system.Time.Advance(TimeSpan.FromMinutes(1));

        if (noticedByReadiness)
            Assert.False((await ReadyAsync(system)).Ready);
        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        Assert.Single(kratos.Others);
        Assert.False((await ReadyAsync(system)).Ready);
    }

    [Fact]
    public async Task A_wrong_address_that_becomes_right_is_published_without_a_restart_and_the_log_says_so()
    {
        await using var kratos = await Stranger.StartAsync(404);
        using var log = new CapturedLog();
        await using var system = await StartAsync(kratos.Url, log);
        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        kratos.Whoami = 503; // says nothing: it is still known as wrong
        await AssertUnavailableAsync(await system.GetAsync("/kratos/sessions"));
        Assert.Contains("port 4433", (await ReadyAsync(system)).Text, StringComparison.Ordinal);
        kratos.Whoami = 401;

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/sessions")).StatusCode);
        Assert.True((await ReadyAsync(system)).Ready);
        string[] lines = [.. log.Text.Split('\n').Where(l => l.Contains("Kratos:PublicUrl", StringComparison.Ordinal))];
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("Error ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("Information ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_first_requests_wait_for_one_question_and_one_that_goes_away_takes_no_other_with_it()
    {
        await using var kratos = await Stranger.StartAsync(401);
        kratos.Hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Url}", "--Kratos:Timeout=00:00:30"]);
        using var gone = new CancellationTokenSource();
        var first = system.Client.GetAsync("/kratos/sessions", gone.Token);
        await TestSystem.UntilAsync(() => Task.FromResult(kratos.Asked == 1));
        var others = Enumerable.Range(0, 50).Select(_ => system.GetAsync("/kratos/sessions")).ToArray();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Empty(kratos.Others);
        kratos.Hold.SetResult();

        foreach (var answer in await Task.WhenAll(others))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1, kratos.Asked);
    }

    [Fact]
    public async Task Once_confirmed_no_further_question_is_asked_until_Kratos_was_in_trouble()
    {
        await using var kratos = await Stranger.StartAsync(401);
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Url}"]);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/sessions")).StatusCode);
            Assert.True((await ReadyAsync(system)).Ready);
            var refused = await system.GetAsync("/private/x", $"X-Session-Token: ory_st_{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            system.Time.Advance(TimeSpan.FromSeconds(3));
        }
        Assert.Equal(1, kratos.Asked);

        kratos.Ready = 503;
        Assert.Contains("Kratos is not ready", (await ReadyAsync(system)).Text, StringComparison.Ordinal);
        kratos.Ready = 200;
        system.Time.Advance(TimeSpan.FromSeconds(3));
        await ReadyAsync(system);
        var asked = kratos.Asked;
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/sessions")).StatusCode);
        Assert.InRange(asked, 2, 3);
        Assert.Equal(asked, kratos.Asked);
    }

    [Fact]
    public async Task Readiness_names_a_wrong_address_also_when_nothing_is_published()
    {
        await using var stranger = await Stranger.StartAsync(307);
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={stranger.Url}", "--Kratos:Path="]);

        var (ready, text) = await ReadyAsync(system);

        Assert.False(ready);
        Assert.Contains("set it to Kratos' public API (port 4433)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(429)]
    public async Task Nobody_is_let_in_by_an_address_that_signs_in_everybody(int withoutCredential)
    {
        await using var stranger = await Stranger.StartAsync(withoutCredential);
        stranger.Body = Session;
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={stranger.Url}"]);

        var required = await system.GetAsync("/private/x", "Cookie: ory_kratos_session=garbage");
        var optional = await system.GetAsync("/optional/x", "X-Session-Token: ory_st_garbage");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, required.StatusCode);
        Assert.Equal(HttpStatusCode.OK, optional.StatusCode);
        Assert.Null(system.Service.Only.Header("X-User-Id"));
    }

    private static Task<DevKratosServer> StartKratosAsync(int publicPort = 0, int adminPort = 0) =>
        DevKratosServer.StartAsync(new() { PublicPort = publicPort, AdminPort = adminPort, UiPort = 0, Environment = "Test" });

    private static Task<TestSystem> StartAsync(Uri kratos, CapturedLog log, params string[] args) =>
        TestSystem.StartAsync(
            [
                $"--Kratos:PublicUrl={kratos}",
                "--Logging:LogLevel:Default=Information", "--Logging:LogLevel:Microsoft=Warning", .. args,
            ],
            customize: builder => builder.Logging.ClearProviders().AddProvider(log));

    private static async Task<bool> IsActiveAsync(DevKratosServer kratos, DevSession session)
    {
        using var http = new HttpClient { BaseAddress = kratos.AdminUrl };
        var path = new Uri($"admin/sessions/{session.SessionId}", UriKind.Relative);
        var json = await http.GetFromJsonAsync<JsonElement>(path, Token);
        return json.GetProperty("active").GetBoolean();
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal("identity_provider_unavailable", await TestSystem.ReasonAsync(answer));
    }

    private static async Task<(bool Ready, string Text)> ReadyAsync(TestSystem system)
    {
        using var http = new HttpClient { BaseAddress = system.ManagementUrl };
        using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        var lists = body.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.Array);
        var lines = lists.SelectMany(p => p.Value.EnumerateArray()).Select(e => e.GetString());
        return (answer.IsSuccessStatusCode, string.Join('\n', lines));
    }

    /// <summary>Whatever listens at the address: 200 to everything but the two questions that the gateway itself asks.</summary>
    private sealed class Stranger : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly ConcurrentQueue<string> _others = new();
        private int _asked;

        private Stranger(WebApplication app, int whoami, int ready) => (_app, Whoami, Ready) = (app, whoami, ready);

        public Uri Url => new(_app.Urls.First());

        /// <summary>
        /// The answer to whoami without a credential, or <see cref="Silent"/>; with one it is the same, or 200 when there is a
        /// <see cref="Body"/>.
        /// </summary>
        public int Whoami { get; set; }

        public int Ready { get; set; }

        public string? Body { get; set; }

        /// <summary>Whoami without a credential waits for this.</summary>
        public TaskCompletionSource? Hold { get; set; }

        /// <summary>How often whoami was asked without a credential.</summary>
        public int Asked => _asked;

        /// <summary>Every request that was not the gateway's own.</summary>
        public IEnumerable<string> Others => _others;

        public static async Task<Stranger> StartAsync(int whoami, int port = 0, int ready = 200)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
            var app = builder.Build();
            var stranger = new Stranger(app, whoami, ready);
            app.Run(stranger.AnswerAsync);
            await app.StartAsync();
            return stranger;
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync(new CancellationToken(canceled: true));
            await _app.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext context)
        {
            // What is forwarded says so.
            if (context.Request.Headers.ContainsKey("X-Forwarded-For"))
            {
                _others.Enqueue($"{context.Request.Method} {context.Request.Path}");
                return;
            }
            if (context.Request.Path == "/health/ready")
            {
                context.Response.StatusCode = Ready;
                return;
            }

            string[] credentials = ["Cookie", "X-Session-Token"];
            var anonymous = !credentials.Any(context.Request.Headers.ContainsKey);
            if (anonymous)
            {
                Interlocked.Increment(ref _asked);
                if (Hold is { } hold)
                    await hold.Task.WaitAsync(context.RequestAborted);
            }
            if (Whoami is Silent)
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            context.Response.StatusCode = !anonymous && Body is not null ? 200 : Whoami;
            if (Body is null || context.Response.StatusCode is not 200) return;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(Body);
        }
    }
}
