using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// What the gateway says in its own name: pages to people, Ory's error shape to programs, nothing of the inside to
/// anybody.
/// </summary>
public sealed class DenialTests
{
    private const string Navigate = "Sec-Fetch-Mode: navigate";

    private static string Location(HttpResponseMessage answer) => answer.Headers.NonValidated["Location"].ToString();

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
}
