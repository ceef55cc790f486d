using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Gateway.ContainerTests.Harness;

/// <summary>
/// Somebody in front of the gateway: a program with a session token, or a browser with cookies. Their flows are those of Kratos,
/// behind the gateway.
/// </summary>
internal sealed class Visitor : IDisposable
{
    public const string Password = "correct horse battery staple 71";

    private readonly HttpClient _client;
    private readonly bool _browses;
    private string? _token;

    private Visitor(GatewayContainer gateway, string email, bool browses)
    {
        _client = gateway.NewClient(cookies: browses);
        (Email, _browses) = (email, browses);
    }

    public string Email { get; }

    public static Visitor Program(GatewayContainer gateway) =>
        new(gateway, $"person-{Guid.NewGuid():N}@example.org", browses: false);

    public static Visitor Browser(GatewayContainer gateway, string email = "") => new(gateway, email, browses: true);

    /// <summary>The same program at another replica.</summary>
    public Visitor At(GatewayContainer gateway) => new(gateway, Email, browses: false) { _token = _token };

    /// <summary>GET; a browser's is a navigation.</summary>
    public async Task<Answer> GetAsync(string path, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", _browses ? "text/html" : "application/json");
        if (_browses)
            request.Headers.TryAddWithoutValidation("Sec-Fetch-Mode", "navigate");
        foreach (var header in headers)
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        return await SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(string path) => (await GetAsync(path)).Status;

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        if (_token is not null)
            request.Headers.TryAddWithoutValidation("X-Session-Token", _token);
        using var response = await _client.SendAsync(request);
        return new(response.StatusCode, response.Headers.Location, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Registers a program's person.</summary>
    public async Task RegisterAsync()
    {
        var registration = await FlowAsync("registration");
        Assert.StartsWith(
            $"{GatewayContainer.Origin}kratos/self-service/registration?flow=",
            registration,
            StringComparison.Ordinal);
        var answer = await PostAsync(
            registration,
            new { method = "password", password = Password, traits = new { email = Email } });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }

    /// <summary>Logs a program in.</summary>
    /// <returns>The session, in Kratos' words.</returns>
    public async Task<JsonElement> LogInAsync()
    {
        var answer = await PostAsync(
            await FlowAsync("login"),
            new { method = "password", identifier = Email, password = Password });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return KeepToken(answer);
    }

    /// <summary>Keeps the token of a login's answer.</summary>
    public JsonElement KeepToken(Answer login)
    {
        _token = login.Json.GetProperty("session_token").GetString();
        return login.Json.GetProperty("session");
    }

    /// <summary>Where a new flow of a program wants its answer.</summary>
    public async Task<string> FlowAsync(string kind)
    {
        var flow = await GetAsync($"/kratos/self-service/{kind}/api");
        Assert.True(flow.Status == HttpStatusCode.OK, flow.Text);
        return flow.Json.GetProperty("ui").GetProperty("action").GetString()!;
    }

    /// <summary>Logs a program out.</summary>
    public async Task LogOutAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/kratos/self-service/logout/api")
        {
            Content = JsonContent.Create(new { session_token = _token }),
        };
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(request)).Status);
    }

    /// <summary>Submits a form of Kratos' pages.</summary>
    public async Task<Answer> SubmitAsync(string url, Dictionary<string, string> fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        return await SendAsync(request);
    }

    public void Dispose() => _client.Dispose();

    private async Task<Answer> PostAsync(string url, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        return await SendAsync(request);
    }
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, Uri? Location, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);
}
