using Microsoft.Playwright;

namespace Gateway.BrowserTests.Harness;

/// <summary>One browser for all tests: the Chromium of this machine. Nothing is downloaded.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>
    /// Skips the test that asks where there is no Chromium, except on a build server (<c>CI=true</c>): there it fails.
    /// </summary>
    public static string RequireInstalled()
    {
        const string Missing = "no Chromium: install one (Debian: apt-get install chromium) or name it in CHROMIUM_PATH";
        if (Find() is { } path) return path;
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(Missing);
        Assert.Skip(Missing);
        return "";
    }

    public static async Task<Chromium> StartAsync(string path)
    {
        Assertions.SetDefaultExpectTimeout(20_000); // for a busy machine; what is there at once takes no longer
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync", "--no-proxy-server",
            ],
        });
        return new Chromium(playwright, browser);
    }

    /// <summary>A browser of its own as far as cookies go.</summary>
    public Task<IBrowserContext> NewPersonAsync(Uri origin) =>
        _browser.NewContextAsync(new() { BaseURL = origin.AbsoluteUri, Locale = "en-GB" });

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        return folders
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name + suffix)))
            .FirstOrDefault(File.Exists);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
