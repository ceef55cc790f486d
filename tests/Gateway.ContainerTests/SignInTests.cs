using System.Net;
using Gateway.ContainerTests.Harness;

namespace Gateway.ContainerTests;

/// <summary>The main flow, through the containers.</summary>
[Collection(typeof(SharedSystem))]
public sealed class SignInTests(RunningSystem system)
{
    private readonly RunningSystem _system = system.Required();

    [Fact]
    public async Task A_stranger_gets_401_or_404_or_the_way_to_the_login()
    {
        using var program = Visitor.Program(_system.Gateway);
        var refused = await program.GetAsync("/hello");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Equal("session_required", refused.Json.GetProperty("error").GetProperty("id").GetString());
        string[] closed =
        [
            "/nowhere", "/kratos/admin/identities", "/kratos/%61dmin/identities", "/auth/logout", "/metrics", "/health/ready",
        ];
        foreach (var path in closed)
        {
            var status = await program.StatusAsync(path);
            Assert.True(status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{path} answers {status}");
        }

        using var browser = Visitor.Browser(_system.Gateway);
        var sent = await browser.GetAsync("/hello");
        Assert.Equal(HttpStatusCode.Found, sent.Status);
        Assert.Contains("/kratos/self-service/login/browser?return_to=", $"{sent.Location}", StringComparison.Ordinal);
        var home = await browser.GetAsync("/");
        Assert.InRange((int)home.Status, 300, 399);
        Assert.EndsWith("/auth/welcome", $"{home.Location}", StringComparison.Ordinal);
    }

    [Fact]
    public Task Who_registers_and_logs_in_is_known_to_the_services_and_forgotten_after_the_logout() =>
        MainFlow.ProgramAsync(_system.Gateway);

    [Fact]
    public Task A_browser_goes_through_the_login_page_back_to_hello_and_out_again() =>
        MainFlow.BrowserAsync(_system.Gateway);
}
