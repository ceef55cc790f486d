using System.Net;
using Gateway.IntegrationTests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.IntegrationTests;

/// <summary>
/// DevKratos has no recovery, so a few lines stand in for a Kratos with the hook <c>revoke_active_sessions</c>.
/// </summary>
public sealed class RecoveryTests
{
    private const string Old = "ory_st_old";
    private const string New = "ory_st_new";

    private const string Session = """
        {"id":"SESSION","active":true,"expires_at":"2126-01-01T00:00:00Z","authenticator_assurance_level":"aal1","identity":{"id":"33333333-0000-0000-0000-000000000000","traits":{}}}
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_recovery_ends_the_persons_cached_sessions_at_once(bool browser)
    {
        var recovered = false;
        await using var kratos = await StartKratosAsync(() => recovered, context =>
        {
            recovered = true;
            if (browser)
                context.Response.Headers.SetCookie = $"ory_kratos_session={New}; Path=/";
            else
                context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(browser ? "" : $$"""
                {"state":"passed_challenge","continue_with":[{"action":"set_ory_session_token","ory_session_token":"{{New}}"}]}
                """);
        });
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Urls.First()}"]);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"X-Session-Token: {Old}")).StatusCode);

        var answer = await system.SendAsync(
            HttpMethod.Post,
            "/kratos/self-service/recovery?flow=x",
            new StringContent("{}", null, "application/json"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        if (!browser)
            Assert.Contains(New, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await system.GetAsync("/private/x", $"X-Session-Token: {Old}")).StatusCode);
    }

    private static async Task<WebApplication> StartKratosAsync(Func<bool> recovered, RequestDelegate recover)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/health/ready", () => "{}");
        app.MapGet("/sessions/whoami", (HttpRequest request) =>
        {
            if (request.Headers["X-Session-Token"].Count + request.Headers.Cookie.Count == 0) return Results.Unauthorized();
            var isNew = request.Headers["X-Session-Token"] == New
                || request.Headers.Cookie.ToString().Contains(New, StringComparison.Ordinal);
            var id = isNew ? "11111111-0000-0000-0000-000000000000" : "22222222-0000-0000-0000-000000000000";
            return isNew || !recovered()
                ? Results.Text(Session.Replace("SESSION", id, StringComparison.Ordinal), "application/json")
                : Results.Unauthorized();
        });
        app.MapPost("/self-service/recovery", recover);
        await app.StartAsync();
        return app;
    }
}
