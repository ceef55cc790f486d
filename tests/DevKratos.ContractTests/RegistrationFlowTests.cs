using System.Net;
using System.Text.Json.Nodes;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

public sealed class RegistrationFlowTests
{
    [Fact]
    public async Task A_browser_registers_in_two_steps_and_is_signed_in()
    {
        await using var target = await KratosTarget.StartAsync();
        var (browser, email) = (new Client(target), Flows.NewEmail());
        var begin = (await browser.GetAsync("self-service/registration/browser", "text/html")).Expect(HttpStatusCode.SeeOther);
        var path = "self-service/registration/flows?id=" + begin.Location!.Split("flow=")[1];
        var first = (await browser.GetAsync(path)).Expect(HttpStatusCode.OK).Json;

        var profile = await browser.PostFormAsync(
            $"self-service/registration?flow={first.Id()}",
            ("method", "profile"),
            ("traits.email", email),
            ("traits.name.first", "Ann"),
            ("csrf_token", first.Csrf()));
        Assert.Equal(begin.Location, profile.Expect(HttpStatusCode.SeeOther).Location);
        var second = (await browser.GetAsync(path)).Expect(HttpStatusCode.OK).Json;
        Assert.Equal(email, second.Value("traits.email"));
        var password = await browser.PostFormAsync(
            $"self-service/registration?flow={first.Id()}",
            ("method", "password"),
            ("traits.email", email),
            ("traits.name.first", "Ann"),
            ("password", Flows.Password),
            ("csrf_token", second.Csrf()));

        Assert.Contains("/verification?flow=", password.Expect(HttpStatusCode.SeeOther).Location!, StringComparison.Ordinal);
        var whoami = (await browser.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json;
        Assert.Equal(
            "Ann", whoami.GetProperty("identity").GetProperty("traits").GetProperty("name").GetProperty("first").GetString());
    }

    [Fact]
    public async Task An_api_client_may_send_profile_and_password_at_once_and_gets_a_token()
    {
        await using var target = await KratosTarget.StartAsync();
        var client = new Client(target);

        var answer = await client.RegisterAsync(Flows.NewEmail());

        client.SessionToken = answer.GetProperty("session_token").GetString()!;
        Assert.StartsWith("ory_st_", client.SessionToken, StringComparison.Ordinal);
        Assert.Equal(39, client.SessionToken.Length);
        (await client.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_address_can_be_registered_once_whatever_its_case()
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var client = new Client(target);
        var flow = await client.BeginAsync("registration/api");

        var answer = await client.PostAsync(
            $"self-service/registration?flow={flow.Id()}",
            new JsonObject
            {
                ["method"] = "password",
                ["password"] = Flows.Password,
                ["traits"] = new JsonObject { ["email"] = email.ToUpperInvariant() }
            });

        Assert.Equal([4000007], answer.Expect(HttpStatusCode.BadRequest).Json.MessageIds());
    }

    [Fact]
    public async Task The_code_that_the_flow_shows_verifies_the_address()
    {
        KratosTarget.SkipAgainstRealKratos("a real Kratos sends the code by mail");
        await using var target = await KratosTarget.StartAsync();
        var browser = new Client(target);
        var flow = await browser.BeginAsync("registration/browser");
        var answer = (await browser.PostAsync(
            $"self-service/registration?flow={flow.Id()}",
            new JsonObject
            {
                ["method"] = "password",
                ["password"] = Flows.Password,
                ["traits"] = new JsonObject { ["email"] = Flows.NewEmail() },
                ["csrf_token"] = flow.Csrf()
            })).Expect(HttpStatusCode.OK).Json;
        var id = answer.GetProperty("continue_with").EnumerateArray().Last().GetProperty("flow").GetProperty("id").GetString();

        var verification = (await browser.GetAsync("self-service/verification/flows?id=" + id)).Expect(HttpStatusCode.OK).Json;
        var code = verification.GetProperty("ui").GetProperty("messages")[0].GetProperty("text").GetString()!.TrimEnd('.')[^6..];
        (await browser.PostAsync(
            "self-service/verification?flow=" + id,
            new JsonObject
            {
                ["method"] = "code",
                ["code"] = code == "000000" ? "000001" : "000000",
                ["csrf_token"] = verification.Csrf()
            })).Expect(HttpStatusCode.BadRequest);
        (await browser.PostAsync(
            "self-service/verification?flow=" + id,
            new JsonObject
            {
                ["method"] = "code",
                ["code"] = code,
                ["csrf_token"] = verification.Csrf()
            })).Expect(HttpStatusCode.OK);

        var whoami = (await browser.GetAsync("sessions/whoami")).Json;
        Assert.True(whoami.GetProperty("identity").GetProperty("verifiable_addresses")[0].GetProperty("verified").GetBoolean());
    }
}
