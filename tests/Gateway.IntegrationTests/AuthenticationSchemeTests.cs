using System.Net;
using System.Security.Claims;
using Gateway.Authenticators;
using Gateway.Forwarding;
using Gateway.IntegrationTests.Harness;
using Gateway.Kratos;
using Gateway.Sessions;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>
/// The Kratos session is an ASP.NET Core authentication scheme, in the gateway and in an application of its own.
/// </summary>
public sealed class AuthenticationSchemeTests
{
    private const string Scheme = "Kratos";

    [Fact]
    public async Task An_application_reads_the_caller_as_its_user()
    {
        await using var system = await TestSystem.StartAsync();
        await using var application = await StartApplicationAsync(system);
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        var person = await system.Kratos.CreateIdentityAsync("anna@example.org");
        var session = system.Kratos.SignIn(person.Id, aal2: true);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        request.Headers.Add("Cookie", session.CookieHeader);
        var answer = await client.SendAsync(request);

        Assert.Equal(
            $"kratos {person.Id} {session.SessionId} aal2 anna@example.org",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("X-Nothing: x", "no result")]
    [InlineData("Cookie: ory_kratos_session=garbage", "session_invalid")]
    [InlineData("X-Session-Token: ory_st_garbage", "session_invalid")]
    public async Task An_application_refuses_who_has_no_session_and_learns_why(string header, string why)
    {
        await using var system = await TestSystem.StartAsync();
        await using var application = await StartApplicationAsync(system);
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };

        Assert.Equal((HttpStatusCode.Unauthorized, ""), await GetAsync(client, "/me", header));
        Assert.Equal((HttpStatusCode.OK, why), await GetAsync(client, "/result", header));
    }

    [Fact]
    public async Task An_application_that_gets_no_verdict_lets_nobody_in()
    {
        await using var system = await TestSystem.StartAsync();
        await using var application = await StartApplicationAsync(system);
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.Faults.DatabaseDown = true;
        var cookie = $"Cookie: {session.CookieHeader}";

        Assert.Equal((HttpStatusCode.Unauthorized, ""), await GetAsync(client, "/me", cookie));
        Assert.Equal((HttpStatusCode.OK, "identity_provider_unavailable"), await GetAsync(client, "/result", cookie));
    }

    [Fact]
    public async Task An_application_s_own_policy_forbids_with_403()
    {
        await using var system = await TestSystem.StartAsync();
        await using var application = await StartApplicationAsync(system);
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        var session = await system.Kratos.SignInNewAsync();

        Assert.Equal((HttpStatusCode.Forbidden, ""), await GetAsync(client, "/admin", $"Cookie: {session.CookieHeader}"));
    }

    [Theory]
    [InlineData("/private/x", true)]
    [InlineData("/optional/x", true)]
    [InlineData("/public/x", false)]
    public async Task Behind_the_guard_the_caller_is_the_user_and_nobody_is_asked_again(string path, bool isKnown)
    {
        var seen = new TaskCompletionSource<(string? User, bool Authenticated)>();
        await using var system = await TestSystem.StartAsync(customize: builder =>
            builder.Services.AddSingleton<IStartupFilter>(new AfterEverything(async context =>
            {
                var user = context.User.FindFirstValue(ClaimTypes.NameIdentifier);
                var asked = isKnown && (await context.AuthenticateAsync(Scheme)).Succeeded;
                seen.TrySetResult((user, asked));
            })));
        var person = await system.Kratos.CreateIdentityAsync("anna@example.org");
        var session = system.Kratos.SignIn(person.Id);

        await system.GetAsync(path, $"Cookie: {session.CookieHeader}");

        Assert.Equal((isKnown ? person.Id.ToString() : null, isKnown), await seen.Task);
        Assert.Equal(isKnown ? 1 : 0, system.Kratos.Faults.WhoamiCalls);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(HttpClient client, string path, string header)
    {
        using var request = TestSystem.Request(HttpMethod.Get, path, header);
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>An ordinary ASP.NET Core application that signs people in by their Kratos session.</summary>
    private static async Task<WebApplication> StartApplicationAsync(TestSystem system)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(system.Time);
        builder.Services.AddTelemetry(new(), []);
        builder.Services.AddKratos(new() { PublicUrl = system.Kratos.PublicUrl });
        builder.Services.AddSessions(new(), "ory_kratos_session");
        builder.Services.AddForwarding(new(), tokens: null);
        builder.Services.AddAuthenticators();
        builder.Services.AddAuthentication(Scheme);
        builder.Services.AddAuthorizationBuilder().AddPolicy("admin", policy => policy.RequireRole("admin"));
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/me", (ClaimsPrincipal user) => Describe(user)).RequireAuthorization();
        app.MapGet("/admin", () => "").RequireAuthorization("admin");
        app.MapGet("/result", async context =>
            await context.Response.WriteAsync(Describe(await context.AuthenticateAsync(Scheme))));
        await app.StartAsync();
        return app;
    }

    private static string Describe(ClaimsPrincipal user)
    {
        string[] types = [ClaimTypes.NameIdentifier, "sid", "acr", ClaimTypes.Email];
        return string.Join(' ', types.Select(user.FindFirstValue).Prepend(user.Identity!.AuthenticationType));
    }

    private static string Describe(AuthenticateResult result) => result.None ? "no result" : result.Failure?.Message ?? "success";

    private sealed class AfterEverything(RequestDelegate look) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, gateway) =>
            {
                await gateway(context);
                await look(context);
            });
            next(app);
        };
    }
}
