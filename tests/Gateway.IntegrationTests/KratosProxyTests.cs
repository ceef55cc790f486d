using System.Net;
using System.Text.Json;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Kratos' public API behind <c>/kratos</c>, and nothing but it.</summary>
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
}
