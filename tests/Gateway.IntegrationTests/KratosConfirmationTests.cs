using System.Net;
using Gateway.IntegrationTests.Harness;
using static Gateway.IntegrationTests.Harness.KratosAddress;

namespace Gateway.IntegrationTests;

/// <summary>Kratos' public API is published from when it was confirmed, and as long as nothing speaks against it.</summary>
public sealed class KratosConfirmationTests
{
    /// <summary>Whoami answers none of these with: no one is there, or nothing answers in time.</summary>
    private const int Refused = 0, Silent = Stranger.Silent;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        await using var system = await StartAsync(new($"http://127.0.0.1:{port}"), log, Patience(trouble));
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
        await UntilReadyAsync(system);
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
        await using var system = await StartAsync(kratos.Url, log, Patience(trouble));
        await UntilReadyAsync(system);
        kratos.Whoami = trouble;
        await system.GetAsync("/private/x", "X-Session-Token: ory_st_x");

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/kratos/sessions")).StatusCode);
        await UntilReadyAsync(system);
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

    /// <summary>Short only where Kratos says nothing: a busy machine answers late, too.</summary>
    private static string Patience(int trouble) => $"--Kratos:Timeout=00:00:{(trouble is Silent ? "01" : "20")}";

    private static Task UntilReadyAsync(TestSystem system) =>
        TestSystem.UntilAsync(async () => (await ReadyAsync(system)).Ready);
}
