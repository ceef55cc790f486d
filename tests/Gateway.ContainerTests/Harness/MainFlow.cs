using System.Net;
using System.Web;

namespace Gateway.ContainerTests.Harness;

/// <summary>What the gateway is for, in front of DevKratos and of Kratos.</summary>
internal static class MainFlow
{
    /// <summary>A program registers, logs in, is known to both services, and logs out.</summary>
    public static async Task ProgramAsync(GatewayContainer gateway)
    {
        using var program = Visitor.Program(gateway);
        await program.RegisterAsync();
        var session = await program.LogInAsync();

        var hello = await program.GetAsync("/hello");
        Assert.Equal((HttpStatusCode.OK, """{"message":"Hello microservice"}"""), (hello.Status, hello.Text));
        var world = await program.GetAsync("/world");
        Assert.Equal((HttpStatusCode.OK, """{"message":"World microservice"}"""), (world.Status, world.Text));
        var me = (await program.GetAsync("/hello/me", "X-User-Id: somebody-else")).Json;
        Assert.Equal(session.GetProperty("identity").GetProperty("id").GetString(), me.GetProperty("id").GetString());
        Assert.Equal(session.GetProperty("id").GetString(), me.GetProperty("session_id").GetString());
        Assert.Equal(program.Email, me.GetProperty("email").GetString());
        Assert.Equal("aal1", me.GetProperty("aal").GetString());

        await program.LogOutAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await program.StatusAsync("/hello"));
    }

    /// <summary>A browser is sent to the login page, fills it in, comes back to where it wanted to go, and logs out.</summary>
    public static async Task BrowserAsync(GatewayContainer gateway)
    {
        using var person = Visitor.Program(gateway);
        await person.RegisterAsync();
        using var browser = Visitor.Browser(gateway, person.Email);

        var toLogin = await browser.GetAsync("/hello");
        var toPage = await browser.GetAsync($"{toLogin.Location}");
        Assert.StartsWith($"{GatewayContainer.Origin}auth/login?flow=", $"{toPage.Location}", StringComparison.Ordinal);
        var page = await browser.GetAsync($"{toPage.Location}");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        var id = HttpUtility.ParseQueryString(toPage.Location!.Query)["flow"];
        var ui = (await browser.GetAsync($"/kratos/self-service/login/flows?id={id}")).Json.GetProperty("ui");
        var csrf = ui.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("attributes"))
            .Single(a => a.GetProperty("name").GetString() == "csrf_token").GetProperty("value").GetString()!;
        Assert.Contains(csrf, WebUtility.HtmlDecode(page.Text), StringComparison.Ordinal);
        var submitted = await browser.SubmitAsync(
            ui.GetProperty("action").GetString()!,
            new()
            {
                ["method"] = "password",
                ["identifier"] = person.Email,
                ["password"] = Visitor.Password,
                ["csrf_token"] = csrf,
            });
        Assert.Equal((HttpStatusCode.SeeOther, $"{GatewayContainer.Origin}hello"), (submitted.Status, $"{submitted.Location}"));
        Assert.Equal(HttpStatusCode.OK, await browser.StatusAsync("/hello"));

        var logout = (await browser.GetAsync("/kratos/self-service/logout/browser")).Json.GetProperty("logout_url").GetString()!;
        Assert.Equal(HttpStatusCode.SeeOther, await browser.StatusAsync(logout));
        Assert.Equal(HttpStatusCode.Found, await browser.StatusAsync("/hello"));
    }
}
