using Gateway.BrowserTests.Harness;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests;

public sealed class SignInTests(Stage stage)
{
    [Fact]
    public async Task A_person_opens_hello_signs_up_and_comes_back_to_its_answer()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync("/hello");
        await ann.SeesPageAsync("Sign in");
        await ann.SignUpAsync();
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task A_person_signs_out_and_has_to_sign_in_again_to_see_hello()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/hello");
        await ann.SignInAsync();
        await ann.SeesHelloAsync();

        await ann.SignOutAsync();
        await ann.OpenAsync("/hello");
        await ann.SeesPageAsync("Sign in");
        await ann.SignInAsync();
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task After_signing_in_a_person_is_back_at_the_full_address_with_its_query()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/world?from=a%20b&then=c%26d");
        await ann.SignInAsync();
        await ann.SeesJsonAsync("/world?from=a%20b&then=c%26d", """{"message":"World microservice"}""");
    }

    [Fact]
    public async Task A_wrong_password_is_told_on_the_page_and_the_address_stays_filled_in()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/hello");
        await ann.SignInAsync("not-the-password-5521");
        await Expect(ann.Alert).ToContainTextAsync("credentials are invalid");
        await ann.SeesPageAsync("Sign in");
        await Expect(ann.Field("E-Mail")).ToHaveValueAsync(ann.Email);
        await Expect(ann.Field("Password")).ToBeEmptyAsync();
        await Expect(ann.Field("Password")).ToBeFocusedAsync();

        await ann.SignInAsync();
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task An_address_that_has_an_account_cannot_sign_up_again()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/hello");
        await ann.Link("Sign up").ClickAsync();
        await ann.Field("E-Mail").FillAsync(ann.Email);
        await ann.Button("Sign up").ClickAsync();
        await ann.Field("Password").FillAsync(Visitor.Password);
        await ann.Button("Sign up").ClickAsync();
        await Expect(ann.Alert).ToContainTextAsync("exists already");
        await ann.SeesPageAsync("Sign up");

        await ann.Link("Sign in").ClickAsync();
        await ann.SignInAsync();
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task What_is_wrong_with_a_sign_up_stands_beside_its_field()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync("/auth/registration");
        await ann.Field("E-Mail").FillAsync("ann at home");
        await ann.Button("Sign up").ClickAsync();
        await Expect(ann.Field("E-Mail")).ToHaveAccessibleDescriptionAsync("Enter a valid email address");
        await Expect(ann.Field("E-Mail")).ToBeFocusedAsync();
        await ann.SeesPageAsync("Sign up");

        await ann.Field("E-Mail").FillAsync(ann.Email);
        await ann.Button("Sign up").ClickAsync();
        await ann.Field("Password").FillAsync("short");
        await ann.Button("Sign up").ClickAsync();
        await Expect(ann.Alert).ToContainTextAsync("at least 8 characters");
        await Expect(ann.Field("Password")).ToBeFocusedAsync();
        await ann.SeesPageAsync("Sign up");
    }

    [Fact]
    public async Task A_new_person_verifies_their_address_with_the_code_and_goes_on_to_hello()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync("/hello");
        await ann.BeginSignUpAsync();
        var text = await ann.Page.GetByRole(Microsoft.Playwright.AriaRole.Status).InnerTextAsync();
        var code = System.Text.RegularExpressions.Regex.Match(text, "[0-9]{6}").Value;
        await ann.Field("Verification code").FillAsync(code);
        await ann.Field("Verification code").PressAsync("Enter");
        await Expect(ann.Page.GetByText("You successfully verified")).ToBeVisibleAsync();
        await ann.SeesPageAsync("Verify your e-mail address");
        await ann.Link("Continue").ClickAsync();
        await ann.SeesHelloAsync();
    }

    [Fact]
    public async Task The_front_door_tells_who_is_signed_in()
    {
        await using var ann = await stage.MemberAsync();
        await ann.OpenAsync("/");
        await ann.IsAtAsync("/auth/welcome");
        await Expect(ann.Page.GetByText("You are not signed in.")).ToBeVisibleAsync();
        await ann.SeesPageAsync("Welcome");

        await ann.Link("Sign in").ClickAsync();
        await ann.SignInAsync();
        await ann.IsAtAsync("/auth/welcome");
        await Expect(ann.Page.Locator("#identity")).ToHaveTextAsync(ann.Email);
        await ann.SeesPageAsync("Welcome");
    }
}
