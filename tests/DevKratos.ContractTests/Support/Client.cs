using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevKratos.ContractTests.Support;

/// <summary>An answer, read whole.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseMessage Message)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? Location => Message.Headers.Location?.OriginalString;

    public IReadOnlyList<string> SetCookies => Message.Headers.TryGetValues("Set-Cookie", out var values) ? [.. values] : [];

    public string ErrorId => Json.GetProperty("error").GetProperty("id").GetString()!;

    public Answer Expect(HttpStatusCode status)
    {
        Assert.True(status == Status, $"expected {(int)status}, got {(int)Status}: {Text}");
        return this;
    }
}

/// <summary>
/// An HTTP client of Kratos: with a cookie jar when it plays a browser, with a session token when it plays an app.
/// </summary>
internal sealed class Client(KratosTarget target)
{
    /// <summary>Kratos writes it into the session, and null where there was none.</summary>
    public const string DefaultUserAgent = "DevKratos.ContractTests";

    public string? UserAgent { get; init; } = DefaultUserAgent;

    public Dictionary<string, string> Cookies { get; } = [];

    public string? SessionToken { get; set; }

    public string CookieHeader => string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}"));

    public string SessionCookie => Cookies["ory_kratos_session"];

    public string CsrfCookie =>
        Cookies.Where(c => c.Key.StartsWith("csrf_token_", StringComparison.Ordinal))
            .Select(c => $"{c.Key}={c.Value}")
            .FirstOrDefault("");

    public Task<Answer> GetAsync(string path, string accept = "application/json") => SendAsync(HttpMethod.Get, path, accept);

    public Task<Answer> DeleteAsync(string path, object? json = null) =>
        SendAsync(HttpMethod.Delete, path, "application/json", Content(json));

    public Task<Answer> PostAsync(string path, JsonObject json) =>
        SendAsync(HttpMethod.Post, path, "application/json", Content(json));

    public Task<Answer> PostFormAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(
            HttpMethod.Post,
            path,
            "text/html",
            new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))));

    public Task<Answer> AdminAsync(HttpMethod method, string path, JsonNode? json = null) =>
        SendAsync(method, path, "application/json", Content(json), target.AdminUrl);

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string accept, HttpContent? content = null, Uri? at = null)
    {
        var isWhole = path.StartsWith("http", StringComparison.Ordinal);
        var url = isWhole ? new Uri(path) : new Uri(at ?? target.PublicUrl, path.TrimStart('/'));
        using var request = new HttpRequestMessage(method, url);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (UserAgent is not null)
            request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (Cookies.Count > 0 && at is null)
            request.Headers.TryAddWithoutValidation("Cookie", CookieHeader);
        if (SessionToken is not null && at is null)
            request.Headers.TryAddWithoutValidation("X-Session-Token", SessionToken);
        request.Content = content;
        var response = await target.SendAsync(request);
        Keep(response);
        return new Answer(
            response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }

    private static StringContent? Content(object? json) => json switch
    {
        null => null,
        JsonNode node => new StringContent(node.ToJsonString(), Encoding.UTF8, "application/json"),
        _ => throw new ArgumentException("Expected a JsonNode.", nameof(json)),
    };

    private void Keep(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var cookies)) return;
        foreach (var cookie in cookies)
        {
            var (name, rest) = (cookie[..cookie.IndexOf(
                '=', StringComparison.Ordinal)], cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            if (cookie.Contains("Max-Age=0", StringComparison.Ordinal))
                Cookies.Remove(name);
            else
                Cookies[name] = rest.Split(';')[0];
        }
    }
}
