using System.Net;
using System.Text.Json;
using DevKratos.Core;

namespace DevKratos.Pages;

/// <summary>How the pages talk to the public API: server to server, with the browser's cookies, following no redirect.</summary>
internal sealed class KratosClient(Func<Uri> publicUrl) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        UseProxy = false
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>The status and, for JSON, the body.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(HttpContext page, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(publicUrl(), path));
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.UserAgent.ParseAdd(DevKratosFaults.PagesUserAgent);
        if (page.Request.Headers.Cookie.Count > 0)
            request.Headers.TryAddWithoutValidation("Cookie", page.Request.Headers.Cookie.ToString());
        using var response = await _http.SendAsync(request, page.RequestAborted);
        if (response.Content.Headers.ContentType?.MediaType != "application/json") return (response.StatusCode, default);
        await using var body = await response.Content.ReadAsStreamAsync(page.RequestAborted);
        using var document = await JsonDocument.ParseAsync(body, cancellationToken: page.RequestAborted);
        return (response.StatusCode, document.RootElement.Clone());
    }

    public void Dispose() => _http.Dispose();
}
