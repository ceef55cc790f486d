using System.Security.Claims;
using System.Text.Json.Serialization;
using Gateway.Identity;

namespace WorldService;

/// <summary>
/// The tutorial's world microservice. Where <c>GatewayIdentity</c> is configured (Issuer, Audience, JwksUrl) it believes the
/// gateway's identity token alone; otherwise, like HelloService, the identity headers of a network in which only the gateway
/// reaches it.
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
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, WorldJson.Default));
        var identity = builder.Configuration.GetSection("GatewayIdentity");
        if (identity.Exists())
        {
            builder.Services.AddAuthentication().AddGatewayIdentity(identity.Bind);
            builder.Services.AddAuthorization();
        }
        var app = builder.Build();

        app.MapGet("/world", () => new Message("World microservice"));
        if (identity.Exists())
            app.MapGet("/world/me", (ClaimsPrincipal user) => OfToken(user)).RequireAuthorization();
        else
            app.MapGet("/world/me", (HttpRequest request) => OfHeaders(request));
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

    private static Caller OfToken(ClaimsPrincipal user) => new(
        user.FindFirstValue("sub"), user.FindFirstValue("email"), user.FindFirstValue("sid"), user.FindFirstValue("acr"));

    private static Caller OfHeaders(HttpRequest request) => new(
        Header(request, "X-User-Id"),
        Header(request, "X-User-Email"),
        Header(request, "X-Session-Id"),
        Header(request, "X-Session-Aal"));

    private static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}

internal sealed record Message([property: JsonPropertyName("message")] string Text);

internal sealed record Health(string Status);

/// <summary>The identity as it arrived; a member is null where a claim or header was absent.</summary>
internal sealed record Caller(
    string? Id, string? Email, [property: JsonPropertyName("session_id")] string? SessionId, string? Aal);

[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Caller))]
internal sealed partial class WorldJson : JsonSerializerContext;
