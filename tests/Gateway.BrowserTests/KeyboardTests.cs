using Gateway.BrowserTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests;

public sealed class KeyboardTests(Stage stage)
{
    [Fact]
    public async Task The_login_form_is_filled_in_and_sent_with_the_keyboard_alone()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/hello");
        await Expect(ann.Field("E-Mail")).ToBeFocusedAsync();
        await ann.Page.Keyboard.TypeAsync(ann.Email);
        await ann.Page.Keyboard.PressAsync("Tab");
        await Expect(ann.Field("Password")).ToBeFocusedAsync();
        await ann.Page.Keyboard.TypeAsync(Visitor.Password);
        await ann.Page.Keyboard.PressAsync("Tab");
        await Expect(ann.Button("Sign in with password")).ToBeFocusedAsync();
        await ann.Page.Keyboard.PressAsync("Tab");
        await Expect(ann.Link("Sign up")).ToBeFocusedAsync();
        await ann.Field("Password").PressAsync("Enter");
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task Enter_goes_on_with_a_sign_up_and_never_back()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync("/auth/registration");
        await ann.Field("E-Mail").FillAsync(ann.Email);
        await ann.Field("E-Mail").PressAsync("Enter");
        await ann.Field("Password").FillAsync(Visitor.Password);
        await ann.Field("Password").PressAsync("Enter");
        await ann.SeesPageAsync("Verify your e-mail address");
    }

    [Fact]
    public async Task A_person_who_turns_back_in_the_sign_up_finds_what_they_entered()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync("/auth/registration");
        await ann.Field("E-Mail").FillAsync(ann.Email);
        await ann.Field("First Name").FillAsync("Ann");
        await ann.Button("Sign up").ClickAsync();
        await ann.Button("Back").ClickAsync();
        await Expect(ann.Field("E-Mail")).ToHaveValueAsync(ann.Email);
        await Expect(ann.Field("First Name")).ToHaveValueAsync("Ann");
    }
}
