using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevKratos;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// Kratos' public API behind <c>/kratos</c>: nothing but it, and what ends a session there ends it here before the answer
/// arrives.
/// </summary>
public sealed class KratosProxyTests
{
    private const string Json = "Accept: application/json";

    [Theory]
    [InlineData("/kratos/self-service/login/api", 200)]
    [InlineData("/kratos/sessions/whoami", 401)]
    [InlineData("/kratos/sessions", 401)]
    [InlineData("/kratos/schemas/default", 200)]
    [InlineData("/kratos/health/alive", 200)]
    [InlineData("/kratos/health/ready", 200)]
    [InlineData("/kratos/health/ready?x=/admin", 200)]
    [InlineData("/kratos/schemas", 404)]
    [InlineData("/kratos/schema", 404)]
    [InlineData("/kratos/version", 404)]
    [InlineData("/kratos/admin/identities", 404)]
    [InlineData("/kratos/admin", 404)]
    [InlineData("/kratos/identities", 404)]
    [InlineData("/kratos/sessionsx", 404)]
    [InlineData("/kratos/self-service", 404)]
    [InlineData("/kratos/.well-known/x", 404)]
    [InlineData("/kratos/metrics/prometheus", 404)]
    [InlineData("/kratos", 404)]
    [InlineData("/kratos/", 404)]
    [InlineData("/kratosx/health/alive", 404)]
    public async Task Only_the_public_api_is_published(string path, int status)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync(path, Json);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Null(answer.Headers.Location);
        if (status == 404)
            Assert.Equal("no_route", await TestSystem.ReasonAsync(answer));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("PURGE")]
    public async Task No_method_opens_the_admin_api(string method)
    {
        await using var system = await TestSystem.StartAsync();

        Assert.Equal(
            HttpStatusCode.NotFound,
            (await system.SendAsync(new HttpMethod(method), "/kratos/admin/identities")).StatusCode);
    }

    [Fact]
    public async Task Kratos_can_be_left_unpublished()
    {
        await using var system = await TestSystem.StartAsync(["--Kratos:Path="]);

        Assert.Equal(HttpStatusCode.NotFound, (await system.GetAsync("/kratos/health/alive")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/private/x")).StatusCode);
    }

    [Fact]
    public async Task A_browser_logs_in_through_the_gateway_and_comes_back()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var browser = new Browser(system);

        var refused = await browser.GetAsync("/private/x?a=b");
        var start = await browser.GetAsync(refused.Headers.Location!.OriginalString, Json);
        var flow = await TestSystem.JsonAsync(start);
        var done = await browser.PostAsync(
            flow, ("method", "password"), ("identifier", person.Email), ("password", person.Password));
        var back = await browser.GetAsync(done.Headers.Location!.OriginalString);

        Assert.Equal(HttpStatusCode.OK, start.StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Equal(new Uri(system.Url, "/private/x?a=b").AbsoluteUri, done.Headers.Location.AbsoluteUri);
        Assert.True(done.Headers.GetValues("Set-Cookie").Count() >= 2); // session and CSRF token, each its own line
        Assert.All(done.Headers.GetValues("Set-Cookie"), c => Assert.Contains("Path=/", c, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        Assert.Equal(person.Id.ToString(), system.Service.Only.Header("X-User-Id"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_browser_logout_counts_before_its_answer_arrives(bool json)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        var start = await TestSystem.JsonAsync(
            await system.GetAsync("/kratos/self-service/logout/browser", Json, $"Cookie: {session.CookieHeader}"));

        var logout = await system.GetAsync(
            $"/kratos/self-service/logout?token={start.GetProperty("logout_token").GetString()}",
            $"Cookie: {session.CookieHeader}",
            json ? Json : "Accept: text/html");

        Assert.Equal(json ? HttpStatusCode.NoContent : HttpStatusCode.SeeOther, logout.StatusCode);
        Assert.Contains(logout.Headers.GetValues("Set-Cookie"), c =>
            c.StartsWith("ory_kratos_session=", StringComparison.Ordinal)
            && c.Contains("Max-Age=0", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json")]
    public async Task A_wrong_logout_token_signs_nobody_out(string accept)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        await system.GetAsync(
            "/kratos/self-service/logout?token=ory_lo_wrong",
            $"Cookie: {session.CookieHeader}",
            $"Accept: {accept}");

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task An_api_logout_counts_before_its_answer_arrives()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}");
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        var logout = await system.SendAsync(
            HttpMethod.Delete,
            "/kratos/self-service/logout/api",
            JsonContent.Create(new { session_token = session.Token }));

        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        Assert.Equal(0, system.Cache.Count);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Authorization: Bearer {session.Token}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{\"session_token\":5}")]
    [InlineData("{\"session_token\":\"\"}")]
    public async Task A_malformed_api_logout_reaches_Kratos_as_it_is(string body)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.SendAsync(HttpMethod.Delete, "/kratos/self-service/logout/api", new StringContent(body));

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Fact]
    public async Task Ending_the_other_sessions_leaves_only_the_callers_own()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var (own, other, third) = (
            system.Kratos.SignIn(person.Id),
            system.Kratos.SignIn(person.Id),
            system.Kratos.SignIn(person.Id));
        var stranger = await system.Kratos.SignInNewAsync();
        foreach (var session in (DevSession[])[own, other, third, stranger])
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(
            HttpStatusCode.OK,
            (await system.SendAsync(HttpMethod.Delete, "/kratos/sessions", $"Cookie: {own.CookieHeader}")).StatusCode);

        system.Kratos.Faults.ResetCounters();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {stranger.CookieHeader}")).StatusCode);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {own.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {third.CookieHeader}")).StatusCode);
    }

    [Theory]
    [InlineData("D")]
    [InlineData("N")]
    [InlineData("upper")]
    public async Task Ending_one_session_counts_in_every_spelling_of_its_id_that_Kratos_takes(string format)
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var (own, other) = (system.Kratos.SignIn(person.Id), system.Kratos.SignIn(person.Id));
        foreach (var session in (DevSession[])[own, other])
            await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        var id = format is "upper" ? other.SessionId.ToString().ToUpperInvariant() : other.SessionId.ToString(format);

        var answer = await system.SendAsync(HttpMethod.Delete, $"/kratos/sessions/{id}", $"Cookie: {own.CookieHeader}");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {own.CookieHeader}")).StatusCode);
    }

    [Fact]
    public async Task A_refused_revocation_ends_nothing()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        system.Kratos.Faults.ResetCounters();

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.SendAsync(HttpMethod.Delete, $"/kratos/sessions/{session.SessionId}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.SendAsync(HttpMethod.Delete, "/kratos/sessions")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_step_up_counts_at_once()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        var secret = system.Kratos.EnrolTotp(person.Id);
        var session = system.Kratos.SignIn(person.Id);
        var token = $"X-Session-Token: {session.Token}";
        Assert.Equal(HttpStatusCode.Forbidden, (await system.GetAsync("/aal2/x", token)).StatusCode);
        var flow = await TestSystem.JsonAsync(await system.GetAsync("/kratos/self-service/login/api?aal=aal2", token));

        var done = await system.SendAsync(
            HttpMethod.Post, Local(flow),
            JsonContent.Create(new { method = "totp", totp_code = system.Kratos.TotpCode(secret) }), token);

        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        system.Kratos.Faults.ResetCounters();
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/aal2/x", token)).StatusCode);
        Assert.Equal("aal2", system.Service.Only.Header("X-Session-Aal"));
        Assert.Equal(1, system.Kratos.Faults.WhoamiCalls);
    }

    [Fact]
    public async Task A_changed_password_ends_the_other_sessions_and_changed_traits_are_seen_at_once()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync("anna@example.net");
        var (own, other) = (system.Kratos.SignIn(person.Id), system.Kratos.SignIn(person.Id));
        var token = $"X-Session-Token: {own.Token}";
        await system.GetAsync("/private/x", token);
        await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}");
        Assert.Equal(HttpStatusCode.Forbidden, (await system.GetAsync("/staff/x", token)).StatusCode);

        var flow = await TestSystem.JsonAsync(await system.GetAsync("/kratos/self-service/settings/api", token));
        var traits = await system.SendAsync(
            HttpMethod.Post, Local(flow),
            JsonContent.Create(new { method = "profile", traits = new { email = "anna@example.org" } }), token);
        var staff = await system.GetAsync("/staff/x", token);
        flow = await TestSystem.JsonAsync(await system.GetAsync("/kratos/self-service/settings/api", token));
        var password = await system.SendAsync(
            HttpMethod.Post, Local(flow),
            JsonContent.Create(new { method = "password", password = "another-horse-battery-7319" }), token);

        Assert.Equal(HttpStatusCode.OK, traits.StatusCode);
        Assert.Equal(HttpStatusCode.OK, staff.StatusCode);
        Assert.Equal(HttpStatusCode.OK, password.StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {other.CookieHeader}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", token)).StatusCode);
    }

    [Fact]
    public async Task A_verdict_from_before_the_revocation_never_brings_the_session_back()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.Hang = true;
        var slow = system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");
        await TestSystem.UntilAsync(() => Task.FromResult(system.Kratos.Faults.WhoamiCalls == 1));

        using (var http = new HttpClient { BaseAddress = system.ManagementUrl })
            await http.DeleteAsync(
                new Uri($"/sessions/{session.SessionId}", UriKind.Relative),
                TestContext.Current.CancellationToken);
        system.Kratos.Faults.Hang = false;
        await slow;

        Assert.Equal(2, system.Kratos.Faults.WhoamiCalls); // what was asked before is asked again
        system.Kratos.RevokeSession(session.SessionId);
        using (var http = new HttpClient { BaseAddress = system.ManagementUrl })
            await http.DeleteAsync(
                new Uri($"/sessions/{session.SessionId}", UriKind.Relative),
                TestContext.Current.CancellationToken);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);
    }

    [Theory]
    [InlineData("text/html", "text/html")]
    [InlineData("application/json", "application/json")]
    public async Task A_failure_of_Kratos_is_told_without_its_details(string accept, string type)
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.Faults.DatabaseDown = true;

        var answer = await system.GetAsync("/kratos/self-service/login/browser", $"Accept: {accept}");

        Assert.InRange((int)answer.StatusCode, 502, 503);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        var text = answer + await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (var word in (string[])["postgres", "database", "dial", "5432", "user=", "Set-Cookie"])
            Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Kratos_that_cannot_be_reached_is_told_without_its_address()
    {
        await using var system = await TestSystem.StartAsync();
        var port = system.Kratos.PublicUrl.Port;
        await system.GetAsync("/kratos/self-service/login/api"); // seen once: else nothing would be published yet
        await system.Kratos.DisposeAsync();

        var answer = await system.GetAsync("/kratos/self-service/login/browser", Json);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.DoesNotContain(
            $"{port}",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_calls_of_Orys_javascript_client_work_as_they_would_against_Kratos()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        string[] ajax = [Json, "Origin: https://app.example", "Sec-Fetch-Mode: cors", $"Cookie: {session.CookieHeader}"];

        var whoami = await system.GetAsync("/kratos/sessions/whoami", ajax);
        var list = await system.GetAsync("/kratos/sessions?per_page=10", ajax);
        var logout = await system.GetAsync("/kratos/self-service/logout/browser", ajax);
        var settings = await system.GetAsync("/kratos/self-service/settings/browser", ajax);
        var error = await system.GetAsync("/kratos/self-service/errors?id=stub:500", ajax);

        Assert.Equal(session.SessionId.ToString(), (await TestSystem.JsonAsync(whoami)).GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Array, (await TestSystem.JsonAsync(list)).ValueKind);
        Assert.StartsWith(
            new Uri(system.Url, "/kratos/").AbsoluteUri,
            (await TestSystem.JsonAsync(logout)).GetProperty("logout_url").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, settings.StatusCode);
        Assert.Equal(HttpStatusCode.OK, error.StatusCode);
    }

    /// <summary>The flow's action, as a path of this origin.</summary>
    private static string Local(JsonElement flow) =>
        new Uri(flow.GetProperty("ui").GetProperty("action").GetString()!).PathAndQuery;

    /// <summary>Keeps cookies, and sends forms as a browser does.</summary>
    private sealed class Browser(TestSystem system)
    {
        private readonly Dictionary<string, string> _cookies = [];

        public Task<HttpResponseMessage> GetAsync(string url, string accept = "Accept: text/html") =>
            SendAsync(HttpMethod.Get, url, null, accept);

        public Task<HttpResponseMessage> PostAsync(JsonElement flow, params (string Key, string Value)[] fields)
        {
            var csrf = flow.GetProperty("ui").GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("attributes"))
                .First(a => a.TryGetProperty("name", out var name) && name.GetString() is "csrf_token")
                .GetProperty("value").GetString()!;
            var form = new FormUrlEncodedContent([
                .. fields.Select(f => KeyValuePair.Create(f.Key, f.Value)), KeyValuePair.Create("csrf_token", csrf),
            ]);
            return SendAsync(HttpMethod.Post, Local(flow), form, "Accept: text/html");
        }

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string url, HttpContent? content, string accept)
        {
            var path = url.StartsWith('/') ? url : new Uri(url).PathAndQuery;
            string[] cookie = _cookies.Count > 0
                ? [$"Cookie: {string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}"))}"]
                : [];
            var answer = await system.SendAsync(method, path, content, [accept, .. cookie]);
            if (answer.Headers.TryGetValues("Set-Cookie", out var set))
                foreach (var pair in set.Select(c => c.Split(';')[0].Split('=', 2)))
                    _cookies[pair[0]] = pair[1];
            return answer;
        }
    }
}
