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
    public static async Task<Explanation> ExplainAsync(
        Uri management, string? tokenFile, ExplainRequest asked, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Limit };
        if (tokenFile is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(tokenFile));
        try
        {
            using var answer = await http.PostAsJsonAsync(
                new Uri(management, "/api/explain"), asked, ExplainJson.Default.ExplainRequest, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.OK)
                return (await answer.Content.ReadFromJsonAsync(ExplainJson.Default.Explanation, cancellationToken))!;
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
