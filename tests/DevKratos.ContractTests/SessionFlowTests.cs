using System.Net;
using System.Text.Json.Nodes;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

public sealed class SessionFlowTests
{
    [Fact]
    public async Task Logout_ends_the_session_and_its_cookie()
    {
        await using var target = await KratosTarget.StartAsync();
        var browser = await SignedInAsync(target);
        var cookie = browser.CookieHeader;

        var logout = (await browser.GetAsync("self-service/logout/browser")).Expect(HttpStatusCode.OK).Json
            .GetProperty("logout_token")
            .GetString();
        var answer = (await browser.GetAsync("self-service/logout?token=" + logout, "text/html")).Expect(HttpStatusCode.SeeOther);

        var ended = Assert.Single(answer.SetCookies, c => c.StartsWith("ory_kratos_session=", StringComparison.Ordinal));
        Assert.Contains("Max-Age=0", ended, StringComparison.Ordinal);
        Assert.Contains("Expires=Thu, 01 Jan 1970", ended, StringComparison.Ordinal);
        Assert.InRange(ended.Split(';')[0].Length, 400, 700);
        Assert.DoesNotContain("ory_kratos_session", browser.Cookies.Keys);
        Assert.Equal(HttpStatusCode.Unauthorized, await WhoamiAsync(target, cookie));
    }

    [Fact]
    public async Task Refresh_keeps_the_session_and_gives_a_new_cookie_beside_the_old()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var browser = new Client(target);
        var before = (await browser.LoginBrowserAsync(email)).GetProperty("session");
        var old = browser.CookieHeader;

        var flow = await browser.BeginAsync("login/browser", "?refresh=true");
        (await browser.PostAsync($"self-service/login?flow={flow.Id()}", Login(email, flow.Csrf()))).Expect(HttpStatusCode.OK);

        var after = (await browser.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json;
        Assert.Equal(before.Id(), after.Id());
        Assert.True(after.GetProperty("authenticated_at").GetDateTime() > before.GetProperty("authenticated_at").GetDateTime());
        Assert.True(after.GetProperty("issued_at").GetDateTime() < after.GetProperty("authenticated_at").GetDateTime());
        Assert.NotEqual(old, browser.CookieHeader);
        Assert.Equal(HttpStatusCode.OK, await WhoamiAsync(target, old));
    }

    [Fact]
    public async Task Refresh_keeps_a_session_token()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var client = new Client(target);
        var before = await client.LoginApiAsync(email);

        var flow = await client.BeginAsync("login/api", "?refresh=true");
        var after = (await client.PostAsync(
            $"self-service/login?flow={flow.Id()}", Login(email, ""))).Expect(HttpStatusCode.OK).Json;

        Assert.Equal(client.SessionToken, after.GetProperty("session_token").GetString());
        Assert.Equal(before.GetProperty("session").Id(), after.GetProperty("session").Id());
    }

    [Fact]
    public async Task A_person_ends_one_other_session_and_then_all_others()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var (here, there, app) = (new Client(target), new Client(target), new Client(target));
        await here.LoginBrowserAsync(email);
        var other = await there.LoginBrowserAsync(email);
        await app.LoginApiAsync(email);

        (await here.DeleteAsync("sessions/" + other.GetProperty("session").Id())).Expect(HttpStatusCode.NoContent);
        (await there.GetAsync("sessions/whoami")).Expect(HttpStatusCode.Unauthorized);
        (await app.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK);

        var count = (await here.DeleteAsync("sessions")).Expect(HttpStatusCode.OK).Json.GetProperty("count").GetInt32();
        // Three others, the one of the registration and the one ended a moment ago among them: Kratos counts those that had
        // ended.
        Assert.Equal(3, count);
        (await app.GetAsync("sessions/whoami")).Expect(HttpStatusCode.Unauthorized);
        (await here.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_disabled_person_has_no_session_until_enabled_again()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        var identity = (await new Client(target).RegisterAsync(email)).GetProperty("identity").Id();
        var client = new Client(target);
        await client.LoginApiAsync(email);

        (await client.AdminAsync(HttpMethod.Patch, "admin/identities/" + identity, State("inactive"))).Expect(HttpStatusCode.OK);
        (await client.GetAsync("sessions/whoami")).Expect(HttpStatusCode.Unauthorized);
        (await client.AdminAsync(HttpMethod.Patch, "admin/identities/" + identity, State("active"))).Expect(HttpStatusCode.OK);
        (await client.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK);
        (await client.AdminAsync(HttpMethod.Delete, $"admin/identities/{identity}/sessions")).Expect(HttpStatusCode.NoContent);
        (await client.GetAsync("sessions/whoami")).Expect(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_administrator_ends_a_session_which_stays_listed_as_inactive()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        var identity = (await new Client(target).RegisterAsync(email)).GetProperty("identity").Id();
        var client = new Client(target);
        var session = (await client.LoginApiAsync(email)).GetProperty("session").Id();

        (await client.AdminAsync(HttpMethod.Delete, "admin/sessions/" + session)).Expect(HttpStatusCode.NoContent);

        (await client.GetAsync("sessions/whoami")).Expect(HttpStatusCode.Unauthorized);
        var listed = (await client.AdminAsync(
            HttpMethod.Get, $"admin/identities/{identity}/sessions")).Expect(HttpStatusCode.OK).Json;
        Assert.False(listed.EnumerateArray().Single(s => s.Id() == session).GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task A_changed_address_is_not_verified_and_cannot_be_somebody_elses()
    {
        await using var target = await KratosTarget.StartAsync();
        var (email, taken, fresh) = (Flows.NewEmail(), Flows.NewEmail(), Flows.NewEmail());
        await new Client(target).RegisterAsync(email);
        await new Client(target).RegisterAsync(taken);
        var browser = new Client(target);
        await browser.LoginBrowserAsync(email);

        (await ChangeAddressAsync(browser, taken)).Expect(HttpStatusCode.BadRequest);
        (await ChangeAddressAsync(browser, fresh)).Expect(HttpStatusCode.OK);

        var address =
            (await browser.GetAsync("sessions/whoami")).Json.GetProperty("identity").GetProperty("verifiable_addresses")[0];
        Assert.Equal((fresh, false), (address.GetProperty("value").GetString(), address.GetProperty("verified").GetBoolean()));
        await new Client(target).LoginApiAsync(fresh);
    }

    private static async Task<Answer> ChangeAddressAsync(Client browser, string email)
    {
        var flow = await browser.BeginAsync("settings/browser");
        return await browser.PostAsync(
            $"self-service/settings?flow={flow.Id()}",
            new JsonObject
            {
                ["method"] = "profile",
                ["traits"] = new JsonObject { ["email"] = email },
                ["csrf_token"] = flow.Csrf()
            });
    }

    private static JsonObject Login(string email, string csrf) =>
        new() { ["method"] = "password", ["identifier"] = email, ["password"] = Flows.Password, ["csrf_token"] = csrf };

    private static JsonArray State(string state) =>
        [new JsonObject { ["op"] = "replace", ["path"] = "/state", ["value"] = state }];

    private static async Task<Client> SignedInAsync(KratosTarget target)
    {
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var browser = new Client(target);
        await browser.LoginBrowserAsync(email);
        return browser;
    }

    private static async Task<HttpStatusCode> WhoamiAsync(KratosTarget target, string cookies)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.PublicUrl, "sessions/whoami"));
        request.Headers.TryAddWithoutValidation("Cookie", cookies);
        using var answer = await target.SendAsync(request);
        return answer.StatusCode;
    }
}
