using System.Text.Json.Serialization;

namespace HelloService;

/// <summary>
/// The tutorial's hello microservice. It trusts the identity headers, because only the gateway can reach it and only the
/// gateway can set them.
/// </summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is ["--health", var url])
            return await IsHealthyAsync(url) ? 0 : 1;

        await Build(args).RunAsync();
        return 0;
    }

    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, HelloJson.Default));
        var app = builder.Build();

        app.MapGet("/hello", () => new Message("Hello microservice"));
        app.MapGet("/hello/me", (HttpRequest request) => new Caller(
            Header(request, "X-User-Id"),
            Header(request, "X-User-Email"),
            Header(request, "X-Session-Id"),
            Header(request, "X-Session-Aal")));
        app.MapGet("/health", () => new Health("ok"));
        return app;
    }

    /// <summary>The container's own health check: an image without curl asks the running service through its program.</summary>
    private static async Task<bool> IsHealthyAsync(string url)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            using var response = await client.GetAsync(new Uri(url));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}

internal sealed record Message([property: JsonPropertyName("message")] string Text);

internal sealed record Health(string Status);

/// <summary>The identity as it arrived in the gateway's headers; a member is null where the header was absent.</summary>
internal sealed record Caller(
    string? Id, string? Email, [property: JsonPropertyName("session_id")] string? SessionId, string? Aal);

[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Caller))]
internal sealed partial class HelloJson : JsonSerializerContext;
