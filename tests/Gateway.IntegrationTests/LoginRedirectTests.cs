using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Who has to sign in, or to sign in again, is sent to the login page and from there back; a program is told.</summary>
public sealed class LoginRedirectTests
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
        var api = await system.GetAsync("/aal2/x", $"Cookie: {session.CookieHeader}");

        Assert.Equal(
            $"/auth/settings?return_to={Uri.EscapeDataString(new Uri(system.Url, "/aal2/x").AbsoluteUri)}",
            Location(page));
        Assert.Equal(HttpStatusCode.Forbidden, api.StatusCode);
        Assert.Equal(
            new Uri(system.Url, "/auth/settings").AbsoluteUri,
            (await TestSystem.JsonAsync(api)).GetProperty("redirect_browser_to").GetString());
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

    [Theory]
    [InlineData("/login", "/login")]
    [InlineData("/login", "/login/")]
    [InlineData("/login/", "/login")]
    [InlineData("/login?client=web", "/login")]
    [InlineData("{origin}/login", "/login")]
    [InlineData("{origin}:80/login", "/login")]
    public async Task A_login_page_that_is_protected_itself_does_not_send_people_in_circles(string loginUrl, string page)
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Protected("/login/{**rest}", loginUrl.Replace("{origin}", "http://app.example", StringComparison.Ordinal)));

        var answer = await system.GetAsync(page, Navigate, "Host: app.example");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
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

    [Fact]
    public async Task A_page_at_the_path_of_a_login_page_elsewhere_is_no_login_page()
    {
        await using var system = await TestSystem.StartAsync();
        system.Kratos.UiBaseUrl = new Uri("http://login.example/private");
        await system.GetAsync(Login, Navigate);

        var own = await system.GetAsync("/private/login?flow=x", Navigate);
        var theirs = await system.GetAsync("/private/login?flow=x", Navigate, "Host: login.example:80");

        Assert.Equal(HttpStatusCode.Redirect, own.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, theirs.StatusCode);
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
}
