using System.Text.Json;

namespace Gateway.IntegrationTests.Harness;

/// <summary>Keeps cookies, and sends forms as a browser does.</summary>
internal sealed class Browser(TestSystem system)
{
    private readonly Dictionary<string, string> _cookies = [];

    /// <summary>The flow's action, as a path of this origin.</summary>
    public static string Local(JsonElement flow) =>
        new Uri(flow.GetProperty("ui").GetProperty("action").GetString()!).PathAndQuery;

    public Task<HttpResponseMessage> GetAsync(string url, string accept = "Accept: text/html") =>
        SendAsync(HttpMethod.Get, url, null, accept);

    public Task<HttpResponseMessage> PostAsync(JsonElement flow, params (string Key, string Value)[] fields)
    {
        var csrf = flow.GetProperty("ui").GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("attributes"))
            .First(a => a.TryGetProperty("name", out var name) && name.GetString() is "csrf_token")
            .GetProperty("value").GetString()!;
        var form = new FormUrlEncodedContent([
            .. fields.Select(f => KeyValuePair.Create(f.Key, f.Value)), KeyValuePair.Create("csrf_token", csrf),
        ]);
        return SendAsync(HttpMethod.Post, Local(flow), form, "Accept: text/html");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string url, HttpContent? content, string accept)
    {
        var path = url.StartsWith('/') ? url : new Uri(url).PathAndQuery;
        string[] cookie = _cookies.Count > 0
            ? [$"Cookie: {string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}"))}"]
            : [];
        var answer = await system.SendAsync(method, path, content, [accept, .. cookie]);
        if (answer.Headers.TryGetValues("Set-Cookie", out var set))
            foreach (var pair in set.Select(c => c.Split(';')[0].Split('=', 2)))
                _cookies[pair[0]] = pair[1];
        return answer;
    }
}
