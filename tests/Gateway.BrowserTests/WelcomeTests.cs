using System.Net.Http.Json;
using System.Text.Json;
using Gateway.BrowserTests.Harness;
using Microsoft.Playwright;
using Quickstart;
using static Microsoft.Playwright.Assertions;

namespace Gateway.BrowserTests;

/// <summary>Where the welcome page leads: every link of it is followed.</summary>
public sealed class WelcomeTests(Stage stage)
{
    private const string ToTry = "nav[aria-label='What to try'] a";

    /// <summary>By link: the address and the status at its end.</summary>
    private static readonly Dictionary<string, (string Path, int Status)> Shipped = new()
    {
        ["/hello"] = ("/hello", 200),
        ["/hello/me"] = ("/hello/me", 200),
        ["/world"] = ("/world", 200),
        ["/world/me"] = ("/world/me", 200),
        ["/hello/vault"] = ("/auth/settings", 200), // where a second factor is set up
        ["/hello/staff"] = ("/hello/staff", 403),
        ["Settings"] = ("/auth/settings", 200),
        ["Sign in again"] = ("/auth/login", 200),
        ["Use the second factor"] = ("/auth/login", 200),
        ["Sign out"] = ("/auth/login", 200), // the last one: it ends the session
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_link_for_a_person_who_is_signed_in_leads_where_it_says()
    {
        Chromium.RequireInstalled();
        await using var system = await StartShippedAsync();
        await using var ann = await stage.MemberAsync(system, signedInFor: TimeSpan.Zero);
        await ann.OpenAsync("/auth/welcome");
        await ann.SeesPageAsync("Welcome");
        Assert.Equal(Shipped.Keys, await ann.Page.Locator("main a").AllInnerTextsAsync());

        foreach (var (link, (path, status)) in Shipped)
        {
            await ann.OpenAsync("/auth/welcome");
            Assert.Equal((link, path, status), (link, path, await FollowAsync(ann, link, path)));
        }
    }

    [Fact]
    public async Task Every_link_for_a_stranger_leads_where_it_says()
    {
        Chromium.RequireInstalled();
        await using var system = await StartShippedAsync();
        await using var ann = await stage.VisitorAsync(system.Origin);
        await ann.OpenAsync("/auth/welcome");
        Assert.Equal(["Sign in", "Sign up", "/hello"], await ann.Page.Locator("main a").AllInnerTextsAsync());

        (string, string)[] links = [("Sign in", "/auth/login"), ("Sign up", "/auth/registration"), ("/hello", "/auth/login")];
        foreach (var (link, path) in links)
        {
            await ann.OpenAsync("/auth/welcome");
            Assert.Equal((link, 200), (link, await FollowAsync(ann, link, path)));
        }
    }

    [Fact]
    public async Task The_link_that_is_refused_shows_the_id_by_which_the_management_port_says_why()
    {
        Chromium.RequireInstalled();
        await using var system = await StartShippedAsync();
        await using var ann = await stage.MemberAsync(system, signedInFor: TimeSpan.Zero);
        await ann.OpenAsync("/auth/welcome");
        await FollowAsync(ann, "/hello/staff", "/hello/staff");

        var id = await ann.Page.Locator("code").InnerTextAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var decision = await http.GetFromJsonAsync<JsonElement>(
            new Uri($"http://127.0.0.1:{system.Ports.Management}/api/decisions/{id}"), Token);

        Assert.Equal("staff", decision.GetProperty("rule").GetString());
        var failed = decision.GetProperty("conditions").EnumerateArray().First(one => !one.GetProperty("holds").GetBoolean());
        Assert.Equal("VerifiedEmail", failed.GetProperty("name").GetString());
        Assert.Contains(ann.Email, failed.GetProperty("found").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task World_tells_who_somebody_is_from_the_token_that_it_has_verified()
    {
        Chromium.RequireInstalled();
        await using var system = await StartShippedAsync();
        await using var ann = await stage.MemberAsync(system, signedInFor: TimeSpan.Zero);
        await ann.OpenAsync("/world/me");
        await Expect(ann.Page.Locator("pre")).ToContainTextAsync(ann.Email);

        // Past the gateway, with the headers that HelloService believes.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Add("X-User-Id", "somebody");
        using var hello = await http.GetAsync(new Uri($"http://127.0.0.1:{system.Ports.Hello}/hello/me"), Token);
        using var world = await http.GetAsync(new Uri($"http://127.0.0.1:{system.Ports.World}/world/me"), Token);
        Assert.Equal((200, 401), ((int)hello.StatusCode, (int)world.StatusCode));
    }

    [Fact]
    public async Task With_a_file_of_ones_own_the_page_leads_to_its_routes_and_no_others()
    {
        Chromium.RequireInstalled();
        await using var system = await stage.StartAsync(
            """
            ReverseProxy:
              Routes:
                reports:
                  ClusterId: hello
                  Match: { Path: "/reports/{**rest}" }
                  Transforms: [ { PathSet: /hello } ]
                posted: { ClusterId: hello, Match: { Path: /posted, Methods: [ POST ] } }
            """);
        await using var ann = await stage.MemberAsync(system, signedInFor: TimeSpan.Zero);
        await ann.OpenAsync("/auth/welcome");
        await ann.SeesPageAsync("Welcome");

        Assert.Equal(["/reports"], await ann.Page.Locator(ToTry).AllInnerTextsAsync());
        Assert.Equal(200, await FollowAsync(ann, "/reports", "/reports"));
    }

    private static Task<RunningSystem> StartShippedAsync() => RunningSystem.StartAsync(new LaunchOptions(Ports.Free), Token);

    /// <summary>Clicks the link and waits until the browser is at <paramref name="path"/>; the status of that page.</summary>
    private static async Task<int> FollowAsync(Visitor person, string link, string path)
    {
        var answer = await person.Page.RunAndWaitForResponseAsync(
            () => person.Link(link).ClickAsync(),
            response => response.Request.ResourceType is "document" && new Uri(response.Url).AbsolutePath == path
                && response.Status is not (>= 300 and < 400));
        await person.IsAtAsync(path);
        await person.Page.WaitForLoadStateAsync(LoadState.Load);
        return answer.Status;
    }
}
