using Gateway.BrowserTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests;

public sealed class DenialPageTests(Stage stage)
{
    [Theory]
    [InlineData("/nothing-here", 404, "Not found")]
    [InlineData("/auth/logout", 404, "Not found")]
    [InlineData("/hello%2Fme", 400, "Bad address")]
    [InlineData("/gone", 502, "Not reachable")]
    [InlineData("/staff", 403, "Not allowed")]
    [InlineData("/verified", 403, "Verify your e-mail address")]
    public async Task A_refusal_is_a_readable_page_with_the_request_id(string path, int status, string title)
    {
        await using var ann = await stage.MemberAsync(signedInFor: TimeSpan.Zero);
        var answer = await ann.OpenAsync(path);
        Assert.Equal(status, answer.Status);
        await ann.SeesPageAsync(title);
        await Expect(ann.Page).ToHaveTitleAsync(title);
        await Expect(ann.Page.Locator("main")).ToContainTextAsync(answer.Headers["x-request-id"]);
    }

    [Fact]
    public async Task While_kratos_is_down_a_person_reads_that_it_is_not_their_account_and_needs_no_new_sign_in_afterwards()
    {
        await using var system = await stage.StartAsync(Configurations.Default);
        await using var ann = await stage.MemberAsync(system, signedInFor: TimeSpan.Zero);
        system.Kratos!.Faults.WhoamiStatusOverride = 500;
        var answer = await ann.OpenAsync("/hello");
        Assert.Equal(503, answer.Status);
        await ann.SeesPageAsync("Sign-in is not available");

        system.Kratos.Faults.WhoamiStatusOverride = null;
        await ann.Page.ReloadAsync();
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task A_login_page_behind_a_login_ends_in_a_clear_page_instead_of_a_loop()
    {
        await using var system = await stage.StartAsync(Configurations.ProtectedLoginPage);
        await using var ann = await stage.VisitorAsync(system.Origin);
        var answer = await ann.OpenAsync("/hello");
        Assert.Equal(401, answer.Status);
        await ann.SeesPageAsync("The sign-in page cannot be reached");
    }
}
