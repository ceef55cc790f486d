using System.Net;
using System.Text.Json.Nodes;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

public sealed class LoginFlowTests
{
    [Fact]
    public async Task A_form_login_ends_at_return_to_with_a_session_cookie()
    {
        await using var target = await KratosTarget.StartAsync();
        var (browser, email, origin) = (new Client(target), Flows.NewEmail(), await OriginAsync(target));
        await new Client(target).RegisterAsync(email);

        var begin = (await browser.GetAsync(
            "self-service/login/browser?return_to=" + Uri.EscapeDataString(origin + "/hello?x=1"),
            "text/html")).Expect(HttpStatusCode.SeeOther);
        var flow = (await browser.GetAsync(
            "self-service/login/flows?id=" + FlowId(begin.Location!))).Expect(HttpStatusCode.OK).Json;
        var wrong = (await browser.PostFormAsync(
            flow.GetProperty("ui").GetProperty("action").GetString()!,
            ("method", "password"),
            ("identifier", email),
            ("password", "wrong"),
            ("csrf_token", flow.Csrf()))).Expect(HttpStatusCode.SeeOther);
        Assert.Equal(begin.Location, wrong.Location);
        var right = await browser.PostFormAsync(
            $"self-service/login?flow={flow.Id()}",
            ("method", "password"),
            ("identifier", email.ToUpperInvariant()),
            ("password", Flows.Password),
            ("csrf_token", flow.Csrf()));

        Assert.Equal(origin + "/hello?x=1", right.Expect(HttpStatusCode.SeeOther).Location);
        Assert.InRange(browser.SessionCookie.Length, 400, 600);
        (await browser.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_relative_return_to_becomes_absolute()
    {
        await using var target = await KratosTarget.StartAsync();
        var (browser, email, origin) = (new Client(target), Flows.NewEmail(), await OriginAsync(target));
        await new Client(target).RegisterAsync(email);

        var flow = await browser.BeginAsync("login/browser", "?return_to=%2Fhello");
        var answer = await browser.PostFormAsync(
            $"self-service/login?flow={flow.Id()}",
            ("method", "password"),
            ("identifier", email),
            ("password", Flows.Password),
            ("csrf_token", flow.Csrf()));

        Assert.Equal(origin + "/hello", answer.Expect(HttpStatusCode.SeeOther).Location);
    }

    [Theory]
    [InlineData("http://evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/x")]
    [InlineData("http://127.0.0.1:1@evil.example/")]
    [InlineData("http://localhost:1/hello")]
    public async Task A_foreign_return_to_is_refused(string returnTo)
    {
        await using var target = await KratosTarget.StartAsync();

        var answer = await new Client(target).GetAsync("self-service/login/browser?return_to=" + Uri.EscapeDataString(returnTo));

        Assert.Equal("self_service_flow_return_to_forbidden", answer.Expect(HttpStatusCode.BadRequest).ErrorId);
    }

    [Fact]
    public async Task An_origin_that_only_begins_like_an_allowed_one_is_refused()
    {
        await using var target = await KratosTarget.StartAsync();
        var origin = await OriginAsync(target);

        (await new Client(target).GetAsync(
            "self-service/login/browser?return_to="
                + Uri.EscapeDataString(origin + ".evil.example/"))).Expect(HttpStatusCode.BadRequest);
        (await new Client(target).GetAsync(
            "self-service/login/browser?return_to="
                + Uri.EscapeDataString(origin + "@evil.example/"))).Expect(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_flow_of_another_browser_cannot_be_sent()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var (attacker, victim) = (new Client(target), new Client(target));
        var theirs = await attacker.BeginAsync("login/browser");
        await victim.BeginAsync("login/browser");

        var answer = await victim.PostAsync(
            $"self-service/login?flow={theirs.Id()}",
            new JsonObject
            {
                ["method"] = "password",
                ["identifier"] = email,
                ["password"] = Flows.Password,
                ["csrf_token"] = theirs.Csrf()
            });

        Assert.Equal("security_csrf_violation", answer.Expect(HttpStatusCode.Forbidden).ErrorId);
    }

    [Theory]
    [InlineData("Cookie", "a=b")]
    [InlineData("Origin", "http://127.0.0.1:8000")]
    public async Task An_api_flow_is_refused_to_a_browser(string header, string value)
    {
        await using var target = await KratosTarget.StartAsync();
        var flow = await new Client(target).BeginAsync("login/api");
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(target.PublicUrl, $"self-service/login?flow={flow.Id()}"))
        {
            Content = new StringContent("""{"method":"password","identifier":"a@example.org","password":"b"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await target.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var json = System.Text.Json.JsonDocument.Parse(
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal([4000001], json.MessageIds());
    }

    [Theory]
    [InlineData("application/json, text/plain, */*", HttpStatusCode.OK)]
    [InlineData("text/html;q=0.1, application/json", HttpStatusCode.OK)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HttpStatusCode.SeeOther)]
    [InlineData("*/*", HttpStatusCode.SeeOther)]
    public async Task Accept_decides_between_a_flow_and_a_redirect(string accept, HttpStatusCode expected)
    {
        await using var target = await KratosTarget.StartAsync();

        (await new Client(target).GetAsync("self-service/login/browser", accept)).Expect(expected);
    }

    private static string FlowId(string location) => location[(location.IndexOf("flow=", StringComparison.Ordinal) + 5)..];

    /// <summary>The origin that return_to may have: that of the pages.</summary>
    private static async Task<string> OriginAsync(KratosTarget target) =>
        new Uri(
            (await new Client(target).GetAsync(
                "self-service/login/browser", "text/html")).Location!).GetLeftPart(UriPartial.Authority);
}
