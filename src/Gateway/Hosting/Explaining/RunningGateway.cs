using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Access;
using Gateway.Denials;

namespace Gateway.Hosting.Explaining;

/// <summary>Asks a gateway that runs, on its management listener.</summary>
internal static class RunningGateway
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <param name="tokenFile">Null: no token is sent.</param>
    /// <exception cref="ExplainException">It does not answer, or not this.</exception>
    public static Task<Explanation> ExplainAsync(
        Uri management, string? tokenFile, ExplainRequest asked, CancellationToken cancellationToken) =>
        AskAsync(
            management,
            tokenFile,
            new(HttpMethod.Post, "/api/explain") { Content = JsonContent.Create(asked, ExplainJson.Default.ExplainRequest) },
            async answer =>
                (await answer.ReadFromJsonAsync(ExplainJson.Default.Explanation, cancellationToken))!,
            cancellationToken);

    /// <param name="tokenFile">Null: no token is sent.</param>
    /// <param name="request">Its address is a path.</param>
    /// <exception cref="ExplainException">It does not answer, or refuses.</exception>
    public static async Task<T> AskAsync<T>(
        Uri management,
        string? tokenFile,
        HttpRequestMessage request,
        Func<HttpContent, Task<T>> read,
        CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.Timeout = Limit;
        http.BaseAddress = management;
        if (tokenFile is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(tokenFile));
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.OK) return await read(answer.Content);
            throw new ExplainException(await MessageAsync(answer, cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            throw new ExplainException($"No gateway's management listener answers at {management}: {e.Message}");
        }
    }

    private static async Task<string> MessageAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not "application/json")
            return $"What answers there is no management listener of this version: {(int)answer.StatusCode}";
        var body = await answer.Content.ReadFromJsonAsync(DenialJson.Default.DenialBody, cancellationToken);
        return body?.Error.Message ?? $"The gateway answered {(int)answer.StatusCode}";
    }

    private static string Token(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ExplainException($"The token cannot be read: {e.Message}");
        }
    }
}
