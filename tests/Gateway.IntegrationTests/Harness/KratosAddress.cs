using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevKratos;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Harness;

/// <summary>A gateway and what listens at its <c>Kratos:PublicUrl</c>.</summary>
internal static class KratosAddress
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<DevKratosServer> StartKratosAsync(int publicPort = 0, int adminPort = 0) =>
        DevKratosServer.StartAsync(new() { PublicPort = publicPort, AdminPort = adminPort, UiPort = 0, Environment = "Test" });

    public static Task<TestSystem> StartAsync(Uri kratos, CapturedLog log, params string[] args) =>
        TestSystem.StartAsync(
            [
                $"--Kratos:PublicUrl={kratos}",
                "--Logging:LogLevel:Default=Information", "--Logging:LogLevel:Microsoft=Warning", .. args,
            ],
            customize: builder => builder.Logging.ClearProviders().AddProvider(log));

    public static async Task<bool> IsActiveAsync(DevKratosServer kratos, DevSession session)
    {
        using var http = new HttpClient { BaseAddress = kratos.AdminUrl };
        var path = new Uri($"admin/sessions/{session.SessionId}", UriKind.Relative);
        var json = await http.GetFromJsonAsync<JsonElement>(path, Token);
        return json.GetProperty("active").GetBoolean();
    }

    public static async Task AssertUnavailableAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal("identity_provider_unavailable", await TestSystem.ReasonAsync(answer));
    }

    public static async Task<(bool Ready, string Text)> ReadyAsync(TestSystem system)
    {
        using var answer = await system.ManageAsync("/health/ready");
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        var lists = body.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.Array);
        var lines = lists.SelectMany(p => p.Value.EnumerateArray()).Select(e => e.GetString());
        return (answer.IsSuccessStatusCode, string.Join('\n', lines));
    }
}
