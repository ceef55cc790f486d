using Gateway.BrowserTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests;

/// <summary><c>/vault</c> needs a second factor; it answers with the identity it received.</summary>
public sealed class SecondFactorTests(Stage stage)
{
    [Fact]
    public async Task A_person_with_an_authenticator_app_enters_a_code_and_sees_the_page()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/auth/settings");
        await ann.SignInAsync();
        var secret = await ann.EnrolAsync();
        await Expect(ann.Page.GetByText("Your changes have been saved!")).ToBeVisibleAsync();
        await ann.SeesPageAsync("Settings");
        await ann.SignOutAsync();

        await ann.OpenAsync("/vault");
        await ann.SignInAsync();
        await ann.SeesPageAsync("Second factor");
        await ann.Field("Authentication code").FillAsync(AuthenticatorApp.WrongCode(secret));
        await ann.Button("Use Authenticator").ClickAsync();
        await Expect(ann.Alert).ToContainTextAsync("code is invalid");
        await ann.SeesPageAsync("Second factor");

        await ann.Field("Authentication code").FillAsync(AuthenticatorApp.Code(secret));
        await ann.Field("Authentication code").PressAsync("Enter");
        await ann.IsAtAsync("/vault");
        await Expect(ann.Page.Locator("pre")).ToContainTextAsync("\"aal\":\"aal2\"");
    }

    [Fact]
    public async Task A_person_without_a_second_factor_sets_one_up_and_comes_back_to_the_page()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/hello");
        await ann.SignInAsync();
        await ann.SeesHelloAsync();

        await ann.OpenAsync("/vault");
        await ann.IsAtAsync("/auth/settings");
        await ann.EnrolAsync();
        await ann.IsAtAsync("/vault");
        await Expect(ann.Page.Locator("pre")).ToContainTextAsync(ann.Email);
    }

    [Fact]
    public async Task A_wrong_code_while_setting_up_is_told_at_its_field_and_the_secret_stays()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/auth/settings");
        await ann.SignInAsync();
        await ann.SeesPageAsync("Settings");
        var secret = await ann.Page.Locator("#totp_secret_key").InnerTextAsync();
        await ann.Field("Verify code").FillAsync(AuthenticatorApp.WrongCode(secret));
        await ann.Field("Verify code").PressAsync("Enter");
        await Expect(ann.Field("Verify code")).ToBeFocusedAsync();
        await Expect(ann.Field("Verify code")).ToBeInViewportAsync();
        await Expect(ann.Page.Locator("#totp_secret_key")).ToHaveTextAsync(secret);
        await ann.SeesPageAsync("Settings");
    }

    [Fact]
    public async Task Whoever_asks_for_the_second_factor_without_having_one_is_offered_the_set_up_and_returns()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/auth/welcome");
        await ann.Link("Sign in").ClickAsync();
        await ann.SignInAsync();
        await ann.Link("Use the second factor").ClickAsync();
        await ann.SeesPageAsync("Second factor");
        await ann.Link("Set one up").ClickAsync();
        await ann.EnrolAsync();
        await ann.IsAtAsync("/auth/welcome");
        await Expect(ann.Page.Locator("#aal")).ToHaveTextAsync("aal2");
    }
}
