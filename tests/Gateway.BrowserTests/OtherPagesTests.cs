using Gateway.BrowserTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests;

public sealed class OtherPagesTests(Stage stage)
{
    [Theory]
    [InlineData("/auth/recovery", "Recovery")]
    [InlineData("/auth/verification", "Verification")]
    [InlineData("/auth/error", "Something went wrong")]
    [InlineData("/auth/error?id=stub:500", "Something went wrong")]
    [InlineData("/kratos/self-service/login/browser?return_to=https%3A%2F%2Fevil.example%2F", "Something went wrong")]
    public async Task Every_page_says_what_it_is_and_leads_on(string path, string title)
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync(path);
        await ann.SeesPageAsync(title);
        await ann.Page.Locator("main a").First.ClickAsync();
        await Expect(ann.Page.GetByRole(Microsoft.Playwright.AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(
            path.EndsWith("recovery", StringComparison.Ordinal) ? "Sign up" : "Welcome");
    }

    [Fact]
    public async Task A_form_begun_in_another_browser_is_begun_again()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync("/hello");
        await ann.SeesPageAsync("Sign in");
        await using var bob = await stage.VisitorAsync();
        await bob.OpenAsync(new Uri(ann.Page.Url).PathAndQuery);
        await bob.SeesPageAsync("Start again");
        await bob.Link("Start again").ClickAsync();
        await bob.SeesPageAsync("Sign in");
    }

    [Fact]
    public async Task Settings_are_changed_and_say_so()
    {
        await using var ann = await stage.MemberAsync(signedInFor: TimeSpan.Zero);
        await ann.OpenAsync("/auth/settings");
        await ann.SeesPageAsync("Settings");
        await ann.Field("First Name").FillAsync("Änne");
        await ann.Field("First Name").PressAsync("Enter");
        await Expect(ann.Page.GetByText("Your changes have been saved!")).ToBeVisibleAsync();
        await Expect(ann.Field("First Name")).ToHaveValueAsync("Änne");
        await ann.SeesPageAsync("Settings");
    }
}
