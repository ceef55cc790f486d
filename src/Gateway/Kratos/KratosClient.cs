using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Gateway.Kratos;

/// <summary>
/// The gateway's own calls to Kratos' public API: fixed methods and paths, one credential, no redirects, bounded body.
/// Method names are those of Ory's SDK (<c>FrontendApi</c>), so that it could be swapped; why it is not used:
/// docs/dependencies.md.
/// </summary>
internal sealed class KratosClient(HttpClient http, KratosOptions options, TimeProvider time)
{
    /// <summary>Far above any session seen (1–4 kB); a larger answer is not one.</summary>
    private const int MaxBody = 512 * 1024;

    private readonly Uri _whoami = Endpoint(options, "sessions/whoami");
    private readonly Uri _ready = Endpoint(options, "health/ready");
    private readonly Uri _secondFactor = Endpoint(options, "self-service/login/browser?aal=aal2");
    private readonly Uri _flowErrors = Endpoint(options, "self-service/errors");

    /// <summary>
    /// Asks who the session token or the session cookie (name and value, as sent by the browser) belongs to. Never throws
    /// for what Kratos does.
    /// </summary>
    public async Task<WhoamiAnswer> ToSessionAsync(string? xSessionToken, string? cookie, CancellationToken cancellationToken)
    {
        if (!CanBeKratos(xSessionToken ?? cookie)) return WhoamiAnswer.NoSession;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _whoami);
            AddCredential(request, xSessionToken, cookie);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => WithHeaders(
                    await ReadBodyAsync(response, static (body, now) => WhoamiReader.Read(body, now), cancellationToken),
                    response),
                HttpStatusCode.Unauthorized => WhoamiAnswer.NoSession,
                HttpStatusCode.Forbidden => await ReadBodyAsync(response, static (body, _) => Refusal(body), cancellationToken),
                var status => WhoamiAnswer.NoVerdict(
                    $"Kratos' whoami answered {(int)status}",
                    BlamesRequest(status) ? NoVerdictCause.Request : NoVerdictCause.Trouble),
            };
        }
        catch (OperationCanceledException)
        {
            return WhoamiAnswer.NoVerdict("Kratos did not answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return WhoamiAnswer.NoVerdict("Kratos cannot be reached");
        }
    }

    /// <summary>What whoami answers without a credential, or null. Kratos' public API says 401, its admin API 307.</summary>
    public async Task<HttpStatusCode?> ToSessionAnonymouslyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(_whoami, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Whether Kratos and its database are up (<c>/health/ready</c>).</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(_ready, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode is HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether Kratos' database answers queries (<c>getFlowError</c>): 404 for an error that cannot be says that Kratos has
    /// looked for it; 500 that it could not. Trouble of another table, such as <c>sessions</c>, does not show.
    /// </summary>
    public async Task<bool> AnswersQueriesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var error = new Uri($"{_flowErrors}?id={Guid.NewGuid()}");
            using var response = await http.GetAsync(error, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode is HttpStatusCode.NotFound;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether the owner of the session cookie can step up. Kratos answers an AAL2 flow in any case; for a person without a
    /// second factor it holds nothing but the CSRF token, a dead-end page. Null when Kratos did not say.
    /// </summary>
    public async Task<bool?> HasSecondFactorAsync(string cookie, CancellationToken cancellationToken)
    {
        if (!CanBeKratos(cookie)) return null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _secondFactor);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            AddCredential(request, null, cookie);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode is not HttpStatusCode.OK) return null;
            return await ReadBodyAsync(response, static (body, _) => HasMethods(body), cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a flow holds more than its CSRF token; null when it is none.</summary>
    private static bool? HasMethods(ReadOnlySpan<byte> body)
    {
        var flow = JsonSerializer.Deserialize(body, WhoamiJson.Default.FlowJson);
        return flow?.Ui?.Nodes?.Any(node => node.Group is not "default");
    }

    /// <summary>
    /// Whether Kratos can have issued the credential: it writes printable ASCII only. HttpClient would write a line break
    /// into the request as it is, and with it further headers or requests (a logout body may hold one), and Kratos answers
    /// 400 to other control characters.
    /// </summary>
    private static bool CanBeKratos(string? credential) => !credential.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>
    /// Whether an answer refuses this one request, such as a header that is too long for it, and so says nothing about
    /// Kratos.
    /// </summary>
    private static bool BlamesRequest(HttpStatusCode status) => status
        is HttpStatusCode.BadRequest
        or HttpStatusCode.RequestEntityTooLarge
        or HttpStatusCode.RequestUriTooLong
        or HttpStatusCode.RequestHeaderFieldsTooLarge;

    private static void AddCredential(HttpRequestMessage request, string? xSessionToken, string? cookie)
    {
        if (xSessionToken is not null)
            request.Headers.TryAddWithoutValidation("X-Session-Token", xSessionToken);
        else if (cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
    }

    private static WhoamiAnswer Refusal(ReadOnlySpan<byte> body)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, WhoamiJson.Default.ErrorEnvelopeJson)?.Error?.Id is "session_aal2_required")
                return new(WhoamiStatus.SecondFactorRequired);
        }
        catch (JsonException)
        {
            // falls through: a 403 we do not know is no verdict
        }
        return WhoamiAnswer.NoVerdict("Kratos' whoami answered an unknown 403");
    }

    private static WhoamiAnswer WithHeaders(WhoamiAnswer answer, HttpResponseMessage response)
    {
        if (answer.Status is not WhoamiStatus.Active) return answer;
        if (response.Headers.NonValidated.TryGetValues("Ory-Session-Cache-For", out var cacheFor)
            && int.TryParse(cacheFor.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            answer = answer with { CacheFor = TimeSpan.FromSeconds(seconds) };
        if (response.Headers.NonValidated.TryGetValues("Set-Cookie", out var setCookies))
            answer = answer with { SetCookies = [.. setCookies] };
        return answer;
    }

    private delegate T BodyReader<T>(ReadOnlySpan<byte> body, DateTimeOffset now);

    private async Task<T> ReadBodyAsync<T>(HttpResponseMessage response, BodyReader<T> read, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            for (var length = 0; ;)
            {
                var count = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (count == 0) return read(buffer.AsSpan(0, length), time.GetUtcNow());
                length += count;
                if (length > MaxBody) throw new IOException("Kratos' answer is too large");
                if (length == buffer.Length)
                    buffer = Grow(buffer, length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return larger;
    }

    private static Uri Endpoint(KratosOptions options, string path) =>
        new(options.PublicUrl!.AbsoluteUri.TrimEnd('/') + "/" + path);
}
