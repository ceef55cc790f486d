using System.Net;
using System.Net.Sockets;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// What the gateway says in its own name: redirects and pages to people, Ory's error shape to programs, nothing of the inside to
/// anybody.
/// </summary>
public sealed class DenialTests
{
    private const string Login = "/kratos/self-service/login/browser";
    private const string Navigate = "Sec-Fetch-Mode: navigate";

    private static string LoginUrl(TestSystem system, string target, string flow = "?") =>
        $"{Login}{flow}return_to={Uri.EscapeDataString(new Uri(system.Url, "/").AbsoluteUri.TrimEnd('/') + target)}";

    private static string Location(HttpResponseMessage answer) => answer.Headers.NonValidated["Location"].ToString();

    [Theory]
    [InlineData("")]
    [InlineData("Cookie: ory_kratos_session=garbage")]
    public async Task Without_a_session_a_person_is_sent_to_log_in_and_a_program_is_told(string credential)
    {
        await using var system = await TestSystem.StartAsync();
        string[] headers = credential.Length > 0 ? [credential] : [];

        var page = await system.GetAsync("/private/x?a=b", [Navigate, .. headers]);
        var api = await system.GetAsync("/private/x?a=b", headers);

        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal(LoginUrl(system, "/private/x?a=b"), Location(page));
        Assert.True(page.Headers.CacheControl!.NoStore);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        Assert.Equal("application/json", api.Content.Headers.ContentType!.ToString());
        Assert.Equal("Bearer", api.Headers.WwwAuthenticate.ToString());
        Assert.True(api.Headers.CacheControl!.NoStore);
        var json = await TestSystem.JsonAsync(api);
        var error = json.GetProperty("error");
        Assert.Equal("session_required", error.GetProperty("id").GetString());
        Assert.Equal(401, error.GetProperty("code").GetInt32());
        Assert.Equal("Unauthorized", error.GetProperty("status").GetString());
        Assert.Equal(credential.Length > 0 ? "session_invalid" : "no_session", error.GetProperty("reason").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Equal(api.Headers.GetValues("X-Request-Id").Single(), error.GetProperty("request").GetString());
        Assert.Equal(new Uri(system.Url, Login).AbsoluteUri, json.GetProperty("redirect_browser_to").GetString());
        Assert.Empty(system.Service.Received);
    }

    /// <summary>
    /// Oathkeeper's when-22 and when-23 match any type that Accept names; the gateway weighs HTML against JSON, on purpose.
    /// </summary>
    [Theory]
    [InlineData(true, "Sec-Fetch-Mode: navigate")]
    [InlineData(true, "Sec-Fetch-Mode: Navigate")]
    [InlineData(true, "Sec-Fetch-Mode: navigate", "Accept: application/json")]
    [InlineData(true, "Accept: text/html")]
    [InlineData(true, "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData(true, "Accept: text/html;q=0.9, application/xml;q=0.8, application/json;q=0.7")]
    [InlineData(false, "Accept: application/json, text/html")] // of equals, the one named first
    [InlineData(true, "Accept: text/html, application/json")]
    [InlineData(true, "Accept: TEXT/HTML")]
    [InlineData(false, "Sec-Fetch-Mode: cors", "Accept: text/html")]
    [InlineData(false, "Sec-Fetch-Mode: no-cors", "Accept: text/html")]
    [InlineData(false, "Sec-Fetch-Dest: empty", "Accept: text/html")]
    [InlineData(false, "Sec-Fetch-Site: same-origin", "Accept: text/html")]
    [InlineData(false, "Sec-Fetch-Mode: navigate", "X-Requested-With: XMLHttpRequest")]
    [InlineData(false, "Accept: text/html", "X-Requested-With: xmlhttprequest")]
    [InlineData(false)]
    [InlineData(false, "Accept: */*")]
    [InlineData(false, "Accept: text/*")]
    [InlineData(false, "Accept: application/json")]
    [InlineData(false, "Accept: application/json, text/html;q=0.9")]
    [InlineData(false, "Accept: text/html;q=0")]
    [InlineData(false, "Accept: ,,;")]
    [InlineData(false, "Accept: application/xhtml+xml")]
    public async Task Only_a_browser_that_opens_a_page_is_redirected(bool redirected, params string[] headers)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync("/private/x", headers);

        Assert.Equal(redirected ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task What_changes_something_is_never_redirected_because_it_could_not_be_repeated(string method)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.SendAsync(
            new HttpMethod(method), "/private/x", new StringContent("a=b"), Navigate, "Accept: text/html");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Head_gets_the_head_of_the_answer_alone()
    {
        await using var system = await TestSystem.StartAsync();

        var page = await system.SendAsync(HttpMethod.Head, "/private/x", Navigate);
        var api = await system.SendAsync(HttpMethod.Head, "/private/x");
        var raw = await RawHttp.RequestAsync(system.Url, "/nothing", "HEAD");

        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        Assert.True(api.Content.Headers.ContentLength > 0);
        Assert.Equal(404, raw.Status);
        Assert.Equal("", raw.Body);
    }

    [Theory]
    [InlineData("/private/x")]
    [InlineData("/private/x?a=b&c=d%26e")]
    [InlineData("/private/caf%C3%A9/%20x?q=%2Fy%3F&z=+")]
    [InlineData("/private/x?return_to=https://evil.example/")]
    [InlineData("/private/x?&&=?")]
    public async Task The_way_back_is_the_request_exactly(string target)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await RawHttp.RequestAsync(system.Url, target, "GET", Navigate);

        Assert.Equal(302, answer.Status);
        Assert.Contains($"\r\nLocation: {LoginUrl(system, target)}\r\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overlong_query_is_left_out_of_the_way_back()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync($"/private/x?q={new string('y', 3000)}", Navigate);

        Assert.Equal(LoginUrl(system, "/private/x"), Location(answer));
    }

    [Fact]
    public async Task The_way_back_believes_a_proxys_word_on_host_and_scheme_only_when_it_is_trusted()
    {
        await using var untrusting = await TestSystem.StartAsync();
        await using var trusting = await TestSystem.StartAsync(["--Network:TrustedProxies:0=127.0.0.0/8"]);
        string[] headers = [Navigate, "X-Forwarded-Host: app.example", "X-Forwarded-Proto: https"];

        var ignored = await untrusting.GetAsync("/private/x", headers);
        var believed = await trusting.GetAsync("/private/x", headers);
        var told = await trusting.GetAsync("/private/x", headers[1..]);

        Assert.Equal(LoginUrl(untrusting, "/private/x"), Location(ignored));
        Assert.Equal($"{Login}?return_to=https%3A%2F%2Fapp.example%2Fprivate%2Fx", Location(believed));
        Assert.Equal(
            $"https://app.example{Login}",
            (await TestSystem.JsonAsync(told)).GetProperty("redirect_browser_to").GetString());
    }

    [Fact]
    public async Task A_person_with_a_second_factor_is_sent_to_show_it()
    {
        await using var system = await TestSystem.StartAsync();
        var person = await system.Kratos.CreateIdentityAsync();
        system.Kratos.EnrolTotp(person.Id);
        var session = system.Kratos.SignIn(person.Id);

        var page = await system.GetAsync("/aal2/x?a=b", Navigate, $"Cookie: {session.CookieHeader}");
        var api = await system.GetAsync("/aal2/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal(LoginUrl(system, "/aal2/x?a=b", "?aal=aal2&"), Location(page));
        Assert.Equal(HttpStatusCode.Forbidden, api.StatusCode);
        Assert.Equal(
            new Uri(system.Url, Login + "?aal=aal2").AbsoluteUri,
            (await TestSystem.JsonAsync(api)).GetProperty("redirect_browser_to").GetString());
    }

    [Fact]
    public async Task A_person_without_a_second_factor_is_sent_to_set_one_up_instead_of_into_a_dead_end()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        var page = await system.GetAsync("/aal2/x", Navigate, $"Cookie: {session.CookieHeader}");

        Assert.Equal(
            $"/auth/settings?return_to={Uri.EscapeDataString(new Uri(system.Url, "/aal2/x").AbsoluteUri)}",
            Location(page));
    }

    [Fact]
    public async Task A_login_that_is_too_old_is_asked_for_again()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.SetAuthenticatedAt(session.SessionId, system.Time.GetUtcNow().AddHours(-1));

        var page = await system.GetAsync("/recent/x", Navigate, $"Cookie: {session.CookieHeader}");
        var api = await system.GetAsync("/recent/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(LoginUrl(system, "/recent/x", "?refresh=true&"), Location(page));
        Assert.Equal(
            "session_refresh_required",
            (await TestSystem.JsonAsync(api)).GetProperty("error").GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_failed_condition_is_a_page_for_people_and_json_for_programs()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync("anna@example.net");

        var page = await system.GetAsync("/staff/x", Navigate, $"Cookie: {session.CookieHeader}");
        var api = await system.GetAsync("/staff/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains(page.Headers.GetValues("X-Request-Id").Single(), html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(
            "default-src 'none'",
            page.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        var json = await TestSystem.JsonAsync(api);
        Assert.Equal("forbidden", json.GetProperty("error").GetProperty("id").GetString());
        Assert.False(json.TryGetProperty("redirect_browser_to", out _));
    }

    [Fact]
    public async Task No_verdict_is_503_with_a_time_to_try_again_and_no_login_redirect()
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.Faults.WhoamiStatusOverride = 429;

        var page = await system.GetAsync("/private/x", Navigate, "Cookie: ory_kratos_session=x");
        var api = await system.GetAsync("/private/x", "Cookie: ory_kratos_session=x");

        foreach (var answer in (HttpResponseMessage[])[page, api])
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            "identity_provider_unavailable",
            (await TestSystem.JsonAsync(api)).GetProperty("error").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/privat")]
    [InlineData("/favicon.ico")]
    public async Task An_unknown_address_is_404_and_no_login_redirect(string path)
    {
        await using var system = await TestSystem.StartAsync();

        var page = await system.GetAsync(path, Navigate);
        var api = await system.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, api.StatusCode);
        Assert.Equal("no_route", await TestSystem.ReasonAsync(api));
        Assert.Equal(0, system.Kratos.Faults.WhoamiCalls);
    }

    /// <summary>As Oathkeeper's case method-missing: never 405, which would tell a stranger that the path is there.</summary>
    [Fact]
    public async Task A_method_that_the_route_does_not_take_is_404()
    {
        await using var system = await TestSystem.StartAsync(yaml: """
            ReverseProxy:
              Routes: { only: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /only, Methods: [GET] } } }
              Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
            """);

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/only")).StatusCode);
        var answer = await system.SendAsync(HttpMethod.Delete, "/only");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.False(answer.Content.Headers.Contains("Allow"));
        Assert.Equal("no_route", await TestSystem.ReasonAsync(answer));
    }

    [Fact]
    public async Task An_ambiguous_address_is_400_for_people_and_programs()
    {
        await using var system = await TestSystem.StartAsync();

        var page = await RawHttp.RequestAsync(system.Url, "/private/../x", "GET", Navigate);
        var api = await RawHttp.RequestAsync(system.Url, "/private/../x");

        Assert.Equal(400, page.Status);
        Assert.Contains("text/html", page.Text, StringComparison.Ordinal);
        Assert.Equal(400, api.Status);
        Assert.Contains("\"reason\":\"ambiguous_target\"", api.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/login", "/login")]
    [InlineData("/login", "/login/")]
    [InlineData("/login/", "/login")]
    [InlineData("/login?client=web", "/login")]
    [InlineData("{origin}/login", "/login")]
    public async Task A_login_page_that_is_protected_itself_does_not_send_people_in_circles(string loginUrl, string page)
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Protected("/login/{**rest}", loginUrl.Replace("{origin}", "http://app.example", StringComparison.Ordinal)));

        var answer = await system.GetAsync(page, Navigate, "Host: app.example");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("/login", "/loginx")]
    [InlineData("/", "/page")]
    [InlineData("http://other.example/login", "/login")]
    public async Task A_page_that_only_looks_like_the_login_page_leads_to_it(string loginUrl, string page)
    {
        await using var system = await TestSystem.StartAsync(yaml: Protected("/{**rest}", loginUrl));

        Assert.Equal(HttpStatusCode.Redirect, (await system.GetAsync(page, Navigate)).StatusCode);
    }

    private static string Protected(string path, string loginUrl) => $$"""
        Login: { Url: "{{loginUrl}}" }
        ReverseProxy:
          Routes: { all: { ClusterId: echo, Match: { Path: "{{path}}" } } }
          Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
        """;

    [Fact]
    public async Task The_login_page_that_Kratos_redirects_to_is_known_and_does_not_send_people_in_circles()
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.UiBaseUrl = new Uri(system.Url, "/private"); // the UI's pages behind a rule
        await system.GetAsync(Login, Navigate);

        var login = await system.GetAsync("/private/login?flow=x", Navigate);
        var other = await system.GetAsync("/private/other", Navigate);

        Assert.Equal(HttpStatusCode.Unauthorized, login.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, other.StatusCode);
    }

    [Theory]
    [InlineData("Cookie: ory_kratos_session={0}")]
    [InlineData("Cookie: ory_kratos_session ={0}")]
    public async Task Nobody_can_make_another_page_pass_for_the_login_page(string cookie)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        var target = Uri.EscapeDataString(new Uri(system.Url, "/private/x?flow=y").AbsoluteUri);

        // Somebody who is signed in already is redirected straight to return_to.
        await system.GetAsync(
            $"{Login}?return_to={target}",
            Navigate,
            string.Format(System.Globalization.CultureInfo.InvariantCulture, cookie, session.Cookie));

        Assert.Equal(HttpStatusCode.Redirect, (await system.GetAsync("/private/x", Navigate)).StatusCode);
    }

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

    [Theory]
    [InlineData("--Kestrel:Limits:MaxRequestBodySize=100")]
    [InlineData("--ReverseProxy:Routes:public:MaxRequestBodySize=100")]
    public async Task A_body_that_is_too_large_is_413(string limit)
    {
        await using var system = await TestSystem.StartAsync([limit]);

        var announced = await system.SendAsync(HttpMethod.Post, "/public/x", new ByteArrayContent(new byte[200]));
        var chunked = await RawHttp.SendAsync(
            system.Url,
            $"POST /public/x HTTP/1.1\r\nHost: {system.Url.Authority}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                + $"c8\r\n{new string('x', 200)}\r\n0\r\n\r\n");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, announced.StatusCode);
        Assert.Equal(413, chunked.Status);
    }

    [Fact]
    public async Task The_front_page_leads_to_the_welcome_page()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync("/");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/auth/welcome", Location(answer));
        Assert.Equal(HttpStatusCode.NotFound, (await system.SendAsync(HttpMethod.Post, "/")).StatusCode);
    }

    [Theory]
    [InlineData("Host: ", 400)]
    [InlineData("Host: .", 400)]
    [InlineData("Host: :80", 400)]
    [InlineData("Host: a:99999", 400)]
    [InlineData("Host: a:abc", 400)]
    [InlineData("Host: a, b", 400)]
    [InlineData("Host: a/b", 400)]
    [InlineData("Host: a@b", 400)]
    [InlineData("Host: a\r\nHost: b", 400)]
    [InlineData("Host: caf\u00e9", 400)]
    [InlineData("X-No: host", 400)]
    [InlineData("Host: h.test.", 200)]
    [InlineData("Host: h.test.:80", 200)]
    [InlineData("Host: [::1]:80", 200)]
    [InlineData("Host: H.TEST:80", 200)]
    public async Task A_host_is_one_that_there_can_be(string header, int status)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await RawHttp.SendAsync(system.Url, $"GET /public/x HTTP/1.1\r\n{header}\r\nConnection: close\r\n\r\n");

        Assert.Equal(status, answer.Status);
        if (status == 200)
            Assert.DoesNotContain(".:", system.Service.Only.Header("X-Forwarded-Host")!, StringComparison.Ordinal);
        else
            Assert.Empty(system.Service.Received);
    }

    private static string To(string address, string more = "") => $$"""
        ReverseProxy:
          Routes: { all: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: "/{**rest}" } } }
          Clusters: { one: { Destinations: { a: { Address: "{{address}}" } }{{more}} } }
        """;
}
