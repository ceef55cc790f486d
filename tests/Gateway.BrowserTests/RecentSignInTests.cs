using Gateway.BrowserTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests;

/// <summary><c>/recent</c> is for people who signed in within the last ten minutes.</summary>
public sealed class RecentSignInTests(Stage stage)
{
    [Fact]
    public async Task A_person_whose_sign_in_is_too_long_ago_confirms_it_with_the_password()
    {
        await using var ann = await stage.MemberAsync(signedInFor: TimeSpan.FromHours(1));
        await ann.OpenAsync("/hello");
        await ann.SeesHelloAsync();

        await ann.OpenAsync("/recent");
        await ann.SeesPageAsync("Confirm it is you");
        await Expect(ann.Page.GetByText(ann.Email)).ToBeVisibleAsync();
        await ann.Field("Password").FillAsync("not-the-password-5521");
        await ann.Field("Password").PressAsync("Enter");
        await Expect(ann.Alert).ToContainTextAsync("credentials are invalid");
        await ann.SeesPageAsync("Confirm it is you");

        await ann.Field("Password").FillAsync(Visitor.Password);
        await ann.Field("Password").PressAsync("Enter");
        await ann.SeesJsonAsync("/recent", Visitor.Hello);
    }

    [Fact]
    public async Task A_person_who_has_just_signed_in_is_not_asked_again()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/recent");
        await ann.SignInAsync();
        await ann.SeesJsonAsync("/recent", Visitor.Hello);
    }
}
