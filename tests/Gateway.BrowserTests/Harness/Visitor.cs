using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DevKratos;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests.Harness;

/// <summary>
/// A person and their browser. Leaving checks that the pages loaded nothing from elsewhere and broke none of their own rules.
/// </summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string Password = "correct-horse-battery-7319";
    public const string Hello = """{"message":"Hello microservice"}""";

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = [];

    private Visitor(IBrowserContext context, IPage page, Uri origin)
    {
        (_context, Page, Origin) = (context, page, origin);
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { IsLoopback: false, Scheme: "http" or "https" })
                _faults.Enqueue($"loads {request.Url}");
        };
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
                _faults.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _faults.Enqueue(error);
    }

    public IPage Page { get; }

    public Uri Origin { get; }

    public string Email { get; } = $"{Guid.NewGuid():N}@example.org";

    public static async Task<Visitor> ArriveAsync(Chromium chromium, Uri origin)
    {
        var context = await chromium.NewPersonAsync(origin);
        return new Visitor(context, await context.NewPageAsync(), origin);
    }

    /// <summary>Takes the cookie of a session that was begun without the login page.</summary>
    public Task TakeSessionAsync(DevSession session) =>
        _context.AddCookiesAsync([new()
        {
            Name = "ory_kratos_session",
            Value = session.Cookie,
            Url = Origin.AbsoluteUri,
            HttpOnly = true,
        }]);

    /// <summary>Opens a path of the gateway as if typed into the address bar.</summary>
    public async Task<IResponse> OpenAsync(string path) => (await Page.GotoAsync(path))!;

    public ILocator Field(string label) => Page.GetByLabel(label, new() { Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Alert => Page.GetByRole(AriaRole.Alert);

    /// <summary>Waits for the page with this heading, and checks it.</summary>
    public async Task SeesPageAsync(string heading)
    {
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(heading);
        await PageCheck.PassesAsync(Page);
    }

    /// <summary>Waits until the browser shows what a service answered under <paramref name="path"/>.</summary>
    public async Task SeesJsonAsync(string path, string json)
    {
        // A plain text would be a glob.
        await Expect(Page).ToHaveURLAsync(new Regex("^" + Regex.Escape(new Uri(Origin, path).AbsoluteUri) + "$"));
        await Expect(Page.Locator("pre")).ToHaveTextAsync(json);
    }

    public Task SeesHelloAsync() => SeesJsonAsync("/hello", Hello);

    /// <summary>Waits until the browser is at <paramref name="path"/>, whatever its query.</summary>
    public Task IsAtAsync(string path) =>
        Expect(Page).ToHaveURLAsync(new Regex("^" + Regex.Escape(new Uri(Origin, path).AbsoluteUri) + @"(\?|$)"));

    /// <summary>From the login page to an account and past the verification, as a person does it.</summary>
    public async Task SignUpAsync()
    {
        await BeginSignUpAsync();
        await Link("Continue without verifying").ClickAsync();
    }

    /// <summary>From the login page to an account that is not verified yet.</summary>
    public async Task BeginSignUpAsync()
    {
        await Link("Sign up").ClickAsync();
        await SeesPageAsync("Sign up");
        await Field("E-Mail").FillAsync(Email);
        await Field("First Name").FillAsync("Ann");
        await Button("Sign up").ClickAsync();
        await Field("Password").FillAsync(Password);
        await SeesPageAsync("Sign up");
        await Button("Sign up").ClickAsync();
        await SeesPageAsync("Verify your e-mail address");
    }

    /// <summary>Fills in and sends the login page.</summary>
    public async Task SignInAsync(string? password = null)
    {
        await Field("E-Mail").FillAsync(Email);
        await Field("Password").FillAsync(password ?? Password);
        await Button("Sign in with password").ClickAsync();
    }

    public async Task SignOutAsync()
    {
        await OpenAsync("/auth/welcome");
        await Link("Sign out").ClickAsync();
        await IsAtAsync("/auth/login");
    }

    /// <summary>On the settings page: reads the secret and confirms it with a code. Returns the secret.</summary>
    public async Task<string> EnrolAsync()
    {
        await SeesPageAsync("Settings");
        var secret = (await Page.Locator("#totp_secret_key").InnerTextAsync()).Trim();
        await Field("Verify code").FillAsync(AuthenticatorApp.Code(secret));
        await Field("Verify code").PressAsync("Enter");
        return secret;
    }

    /// <summary>What a script of the page gets from <c>fetch</c>.</summary>
    public async Task<Fetched> FetchAsync(string path) => await Page.EvaluateAsync<Fetched>(
        """
        async path => {
          const answer = await fetch(path);
          return { status: answer.status, redirected: answer.redirected, type: answer.headers.get('content-type'), text: await answer.text() };
        }
        """,
        path);

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_faults);
    }
}

internal sealed class Fetched
{
    public int Status { get; set; }

    public bool Redirected { get; set; }

    public string? Type { get; set; }

    public string Text { get; set; } = "";
}
