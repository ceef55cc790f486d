using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevKratos.ContractTests.Support;

/// <summary>The flows as a person walks them, over HTTP only.</summary>
internal static class Flows
{
    public const string Password = "correct-horse-battery-7319";

    public static string NewEmail() => $"t-{Guid.NewGuid():N}@example.org";

    public static string Id(this JsonElement flow) => flow.GetProperty("id").GetString()!;

    public static string Csrf(this JsonElement flow) => Value(flow, "csrf_token");

    public static IEnumerable<JsonElement> Nodes(this JsonElement flow) =>
        flow.GetProperty("ui").GetProperty("nodes").EnumerateArray();

    public static JsonElement Node(this JsonElement flow, string name) =>
        flow.Nodes().Single(n => n.GetProperty("attributes").TryGetProperty("name", out var found)
            && found.GetString() == name
            && n.GetProperty("attributes").GetProperty("type").GetString() != "submit");

    public static string Value(this JsonElement flow, string name) =>
        flow.Node(name).GetProperty("attributes").GetProperty("value").GetString()!;

    public static IEnumerable<long> MessageIds(this JsonElement flow) =>
        flow.GetProperty("ui").TryGetProperty("messages", out var messages)
            ? messages.EnumerateArray().Select(m => m.GetProperty("id").GetInt64())
            : [];

    public static string TotpSecret(this JsonElement settings) =>
        settings.Nodes()
            .Single(n => n.GetProperty("type").GetString() == "text" && n.GetProperty("group").GetString() == "totp")
            .GetProperty("attributes")
            .GetProperty("text")
            .GetProperty("text")
            .GetString()!;

    public static async Task<JsonElement> BeginAsync(this Client client, string kind, string query = "") =>
        (await client.GetAsync($"self-service/{kind}{query}")).Expect(HttpStatusCode.OK).Json;

    /// <summary>Registers through an API flow and answers with the identity.</summary>
    public static async Task<JsonElement> RegisterAsync(this Client client, string email, JsonObject? name = null)
    {
        var flow = await client.BeginAsync("registration/api");
        var traits = new JsonObject { ["email"] = email };
        if (name is not null)
            traits["name"] = name;
        var answer = await client.PostAsync(
            $"self-service/registration?flow={flow.Id()}",
            new JsonObject { ["method"] = "password", ["password"] = Password, ["traits"] = traits });
        return answer.Expect(HttpStatusCode.OK).Json;
    }

    /// <summary>Logs in through an API flow and keeps the session token.</summary>
    public static async Task<JsonElement> LoginApiAsync(this Client client, string email, string password = Password)
    {
        var flow = await client.BeginAsync("login/api");
        var answer = await client.PostAsync(
            $"self-service/login?flow={flow.Id()}",
            new JsonObject { ["method"] = "password", ["identifier"] = email, ["password"] = password });
        var json = answer.Expect(HttpStatusCode.OK).Json;
        client.SessionToken = json.GetProperty("session_token").GetString();
        return json;
    }

    /// <summary>Logs in through a browser flow sent as JSON and keeps the cookies.</summary>
    public static async Task<JsonElement> LoginBrowserAsync(this Client client, string email, string password = Password)
    {
        var flow = await client.BeginAsync("login/browser");
        var body = new JsonObject
        {
            ["method"] = "password",
            ["identifier"] = email,
            ["password"] = password,
            ["csrf_token"] = flow.Csrf()
        };
        var answer = await client.PostAsync($"self-service/login?flow={flow.Id()}", body);
        Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity, answer.Text);
        return answer.Json;
    }

    /// <summary>Adds an authenticator app in the settings and answers with its secret.</summary>
    public static async Task<string> EnrolTotpAsync(this Client client, KratosTarget target)
    {
        var flow = await client.BeginAsync("settings/browser");
        var secret = flow.TotpSecret();
        var body = new JsonObject { ["method"] = "totp", ["totp_code"] = Code(target, secret), ["csrf_token"] = flow.Csrf() };
        (await client.PostAsync($"self-service/settings?flow={flow.Id()}", body)).Expect(HttpStatusCode.OK);
        return secret;
    }

    public static async Task<JsonElement> StepUpBrowserAsync(this Client client, KratosTarget target, string secret)
    {
        var flow = await client.BeginAsync("login/browser", "?aal=aal2");
        var body = new JsonObject { ["method"] = "totp", ["totp_code"] = Code(target, secret), ["csrf_token"] = flow.Csrf() };
        return (await client.PostAsync($"self-service/login?flow={flow.Id()}", body)).Expect(HttpStatusCode.OK).Json;
    }

    public static string Code(KratosTarget target, string secret) =>
        AuthenticatorApp.Code(secret, (target.Clock ?? TimeProvider.System).GetUtcNow());
}
