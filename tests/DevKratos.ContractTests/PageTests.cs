using System.Net;
using System.Text.RegularExpressions;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

/// <summary>The pages, walked as a browser without scripts would: links followed, forms filled in and sent.</summary>
public sealed partial class PageTests : IAsyncLifetime
{
    private KratosTarget _target = null!;
    private Client _browser = null!;

    public async ValueTask InitializeAsync()
    {
        KratosTarget.SkipAgainstRealKratos("a real Kratos has its own pages");
        _target = await KratosTarget.StartAsync();
        _browser = new Client(_target);
    }

    public async ValueTask DisposeAsync()
    {
        if (_target is not null)
            await _target.DisposeAsync();
    }

    [Fact]
    public async Task A_person_signs_up_sees_who_they_are_and_signs_out()
    {
        var email = Flows.NewEmail();
        var page = await OpenAsync(Ui("registration"));
        page = await SendAsync(page, ("traits.email", email), ("traits.name.first", "Ann <3"));
        page = await SendAsync(page, ("password", Flows.Password));
        Assert.Contains("Your verification code is", page.Text, StringComparison.Ordinal);
        page = await SendAsync(page, ("code", CodeShown().Match(page.Text).Groups[1].Value));
        Assert.Contains("You successfully verified your email address.", page.Text, StringComparison.Ordinal);

        page = await OpenAsync(Ui("welcome"));
        Assert.Contains(email, page.Text, StringComparison.Ordinal);
        var logout = WebUtility.HtmlDecode(LogoutLink().Match(page.Text).Groups[1].Value);
        page = await OpenAsync(logout);
        Assert.Contains("Sign in", page.Text, StringComparison.Ordinal);
        Assert.Contains("You are not signed in", (await OpenAsync(Ui("welcome"))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_said_in_an_alert_and_the_address_stays_filled_in()
    {
        var person = await _target.Server!.CreateIdentityAsync();

        var page = await SendAsync(await OpenAsync(Ui("login")), ("identifier", person.Email), ("password", "wrong"));

        Assert.Contains("role=\"alert\"", page.Text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{person.Email}\"", page.Text, StringComparison.Ordinal);
        page = await SendAsync(page, ("password", person.Password));
        Assert.Contains("You are signed in as", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_adds_an_authenticator_and_steps_up_with_it()
    {
        var person = await _target.Server!.CreateIdentityAsync();
        await SendAsync(await OpenAsync(Ui("login")), ("identifier", person.Email), ("password", person.Password));

        var page = await OpenAsync(Ui("settings"));
        var secret = SecretShown().Match(page.Text).Groups[1].Value;
        Assert.Contains("otpauth://totp/", page.Text, StringComparison.Ordinal);
        page = await SendAsync(page, Form(page, "totp"), ("totp_code", Flows.Code(_target, secret)));
        Assert.Contains("Your changes have been saved!", page.Text, StringComparison.Ordinal);
        Assert.Contains("Unlink", page.Text, StringComparison.Ordinal);

        _browser = new Client(_target);
        page = await SendAsync(await OpenAsync(Ui("login")), ("identifier", person.Email), ("password", person.Password));
        Assert.Contains("<dd id=\"aal\">aal1</dd>", page.Text, StringComparison.Ordinal);
        page = await SendAsync(
            await OpenAsync(new Uri(_target.PublicUrl, "self-service/login/browser?aal=aal2").AbsoluteUri),
            ("totp_code", Flows.Code(_target, secret)));
        Assert.Contains("<dd id=\"aal\">aal2</dd>", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_without_a_second_factor_is_sent_to_the_settings()
    {
        var person = await _target.Server!.CreateIdentityAsync();
        await SendAsync(await OpenAsync(Ui("login")), ("identifier", person.Email), ("password", person.Password));

        var page = await OpenAsync(new Uri(_target.PublicUrl, "self-service/login/browser?aal=aal2").AbsoluteUri);

        Assert.Contains("href=\"settings\"", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_without_a_session_come_back_to_the_path_the_gateway_names()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Ui("settings"));
        request.Headers.TryAddWithoutValidation("X-Original-URI", "/auth/settings?from=gateway");
        using var answer = await _target.SendAsync(request);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.EndsWith(
            "login/browser?return_to=%2Fauth%2Fsettings%3Ffrom%3Dgateway",
            answer.Headers.Location!.OriginalString,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("welcome")]
    [InlineData("recovery")]
    [InlineData("verification")]
    [InlineData("error?id=unknown")]
    public async Task Every_page_is_a_whole_document_that_loads_nothing(string path)
    {
        var page = await OpenAsync(Ui(path));

        Assert.StartsWith("<!doctype html>", page.Text, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", page.Text, StringComparison.Ordinal);
        Assert.Single(Heading().Matches(page.Text));
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.StartsWith(
            "default-src 'none'", page.Message.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_field_has_a_label()
    {
        var page = await OpenAsync(Ui("registration"));

        var ids = FieldId().Matches(page.Text).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(ids);
        Assert.All(ids, id => Assert.Contains($"<label for=\"{id}\">", page.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_error_page_says_what_went_wrong()
    {
        var page = await OpenAsync(
            new Uri(_target.PublicUrl, "self-service/login/browser?return_to=https%3A%2F%2Fevil.example%2F").AbsoluteUri);

        Assert.Contains("is not allowed", page.Text, StringComparison.Ordinal);
    }

    private string Ui(string page) => _target.Server!.UiUrl + "/" + page;

    private async Task<Answer> OpenAsync(string url)
    {
        for (var redirects = 0; redirects < 10; redirects++)
        {
            var answer = await _browser.GetAsync(url, "text/html");
            if (answer.Location is null) return answer;
            url = new Uri(new Uri(url), answer.Location).AbsoluteUri;
        }

        throw new InvalidOperationException("Too many redirects at " + url);
    }

    private Task<Answer> SendAsync(Answer page, params (string Name, string Value)[] fields) =>
        SendAsync(page, FormShape().Match(page.Text).Value, fields);

    /// <summary>
    /// Sends the form as a browser does: hidden and prefilled fields, what the person typed, and the first button.
    /// </summary>
    private async Task<Answer> SendAsync(Answer page, string form, params (string Name, string Value)[] typed)
    {
        Assert.NotEqual("", form);
        var action = WebUtility.HtmlDecode(Action().Match(form).Groups[1].Value);
        var values = Input().Matches(form).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
        foreach (var (name, value) in typed)
        {
            Assert.True(values.ContainsKey(name), $"no field {name} in {form}");
            values[name] = value;
        }

        var button = Button().Match(form);
        values[button.Groups[1].Value] = button.Groups[2].Value;
        var answer = await _browser.PostFormAsync(action, [.. values.Select(v => (v.Key, v.Value))]);
        Assert.NotNull(answer.Location);
        return await OpenAsync(answer.Location);
    }

    private static string Form(Answer page, string method) =>
        FormShape().Matches(page.Text).Single(m => m.Value.Contains($"value=\"{method}\"", StringComparison.Ordinal)).Value;

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex FormShape();

    [GeneratedRegex("action=\"([^\"]*)\"")]
    private static partial Regex Action();

    [GeneratedRegex("<input[^>]*? name=\"([^\"]*)\"[^>]*? value=\"([^\"]*)\"")]
    private static partial Regex Input();

    [GeneratedRegex("<button[^>]*? name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex Button();

    [GeneratedRegex("<input id=\"([^\"]*)\"")]
    private static partial Regex FieldId();

    [GeneratedRegex("<h1")]
    private static partial Regex Heading();

    [GeneratedRegex("id=\"logout\" href=\"([^\"]*)\"")]
    private static partial Regex LogoutLink();

    [GeneratedRegex("id=\"totp_secret_key\">([A-Z2-7]+)<")]
    private static partial Regex SecretShown();

    [GeneratedRegex("verification code is ([0-9]{6})")]
    private static partial Regex CodeShown();
}
