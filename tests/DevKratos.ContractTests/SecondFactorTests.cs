using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

public sealed class SecondFactorTests
{
    [Fact]
    public async Task Step_up_lifts_the_session_and_both_cookies_of_it()
    {
        await using var target = await KratosTarget.StartAsync();
        var (email, secret) = await EnrolledAsync(target);
        var browser = new Client(target);
        var before = (await browser.LoginBrowserAsync(email)).GetProperty("session");
        Assert.Equal("aal1", Aal(before));
        var old = new Client(target);
        foreach (var (name, value) in browser.Cookies)
            old.Cookies[name] = value;

        await browser.StepUpBrowserAsync(target, secret);

        var after = (await browser.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json;
        Assert.Equal((before.Id(), "aal2"), (after.Id(), Aal(after)));
        Assert.NotEqual(old.SessionCookie, browser.SessionCookie);
        Assert.Equal("aal2", Aal((await old.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json));
    }

    [Fact]
    public async Task Step_up_of_a_token_keeps_the_token()
    {
        await using var target = await KratosTarget.StartAsync();
        var (email, secret) = await EnrolledAsync(target);
        var client = new Client(target);
        var before = await client.LoginApiAsync(email);

        var flow = await client.BeginAsync("login/api", "?aal=aal2");
        var after = (await client.PostAsync(
            $"self-service/login?flow={flow.Id()}",
            new JsonObject { ["method"] = "totp", ["totp_code"] = Flows.Code(target, secret) })).Expect(HttpStatusCode.OK).Json;

        Assert.Equal(client.SessionToken, after.GetProperty("session_token").GetString());
        Assert.Equal(before.GetProperty("session").Id(), after.GetProperty("session").Id());
        Assert.Equal("aal2", Aal((await client.GetAsync("sessions/whoami")).Json));
    }

    [Fact]
    public async Task A_stepped_up_browser_that_asks_again_goes_straight_on()
    {
        await using var target = await KratosTarget.StartAsync();
        var (email, secret) = await EnrolledAsync(target);
        var browser = new Client(target);
        await browser.LoginBrowserAsync(email);
        await browser.StepUpBrowserAsync(target, secret);

        Assert.Equal(
            "session_already_available",
            (await browser.GetAsync("self-service/login/browser?aal=aal2")).Expect(HttpStatusCode.BadRequest).ErrorId);
        Assert.EndsWith(
            "/world",
            (await browser.GetAsync(
                "self-service/login/browser?aal=aal2&return_to=%2Fworld", "text/html")).Expect(HttpStatusCode.SeeOther).Location!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_ask_for_the_second_factor_and_can_remove_it()
    {
        await using var target = await KratosTarget.StartAsync();
        var (email, secret) = await EnrolledAsync(target);
        var browser = new Client(target);
        await browser.LoginBrowserAsync(email);
        Assert.Equal(
            "session_aal2_required",
            (await browser.GetAsync("self-service/settings/browser")).Expect(HttpStatusCode.Forbidden).ErrorId);
        await browser.StepUpBrowserAsync(target, secret);

        var flow = await browser.BeginAsync("settings/browser");
        (await browser.PostAsync(
            $"self-service/settings?flow={flow.Id()}",
            new JsonObject { ["totp_unlink"] = true, ["csrf_token"] = flow.Csrf() })).Expect(HttpStatusCode.OK);

        var login = new Client(target);
        await login.LoginBrowserAsync(email);
        var challenge = await login.BeginAsync("login/browser", "?aal=aal2");
        Assert.Equal(["csrf_token"], challenge.Nodes().Select(n => n.GetProperty("attributes").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_changed_password_is_the_one_that_counts()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var browser = new Client(target);
        await browser.LoginBrowserAsync(email);

        var flow = await browser.BeginAsync("settings/browser");
        (await browser.PostAsync(
            $"self-service/settings?flow={flow.Id()}",
            new JsonObject
            {
                ["method"] = "password",
                ["password"] = "another-horse-battery-4711",
                ["csrf_token"] = flow.Csrf()
            })).Expect(HttpStatusCode.OK);

        (await browser.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK);
        await new Client(target).LoginApiAsync(email, "another-horse-battery-4711");
        var old = await new Client(target).BeginAsync("login/api");
        (await new Client(target).PostAsync(
            $"self-service/login?flow={old.Id()}",
            new JsonObject
            {
                ["method"] = "password",
                ["identifier"] = email,
                ["password"] = Flows.Password
            })).Expect(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_change_that_waited_for_a_fresh_login_is_made_after_it()
    {
        await using var target = await KratosTarget.StartAsync("clock");
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var browser = new Client(target);
        await browser.LoginBrowserAsync(email);
        target.Clock!.Advance(TimeSpan.FromMinutes(16));
        var flow = await browser.BeginAsync("settings/browser");

        var asked = (await browser.PostFormAsync(
            $"self-service/settings?flow={flow.Id()}",
            ("method", "password"),
            ("password", "another-horse-battery-4711"),
            ("csrf_token", flow.Csrf()))).Expect(HttpStatusCode.SeeOther);
        var login = (await browser.GetAsync(asked.Location!, "text/html")).Expect(HttpStatusCode.SeeOther);
        var challenge = (await browser.GetAsync("self-service/login/flows?id=" + login.Location!.Split("flow=")[1])).Json;
        var back = (await browser.PostFormAsync(
            $"self-service/login?flow={challenge.Id()}",
            ("method", "password"),
            ("identifier", email),
            ("password", Flows.Password),
            ("csrf_token", challenge.Csrf()))).Expect(HttpStatusCode.SeeOther);
        Assert.EndsWith($"/self-service/settings?flow={flow.Id()}", back.Location!, StringComparison.Ordinal);
        (await browser.GetAsync(back.Location!, "text/html")).Expect(HttpStatusCode.SeeOther);

        await new Client(target).LoginApiAsync(email, "another-horse-battery-4711");
    }

    private static string? Aal(JsonElement session) => session.GetProperty("authenticator_assurance_level").GetString();

    private static async Task<(string Email, string Secret)> EnrolledAsync(KratosTarget target)
    {
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var browser = new Client(target);
        await browser.LoginBrowserAsync(email);
        return (email, await browser.EnrolTotpAsync(target));
    }
}
