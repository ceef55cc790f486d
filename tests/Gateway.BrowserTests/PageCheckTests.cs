using Gateway.BrowserTests.Harness;

namespace Gateway.BrowserTests;

/// <summary>That the check of pages finds something: axe's rules and those by hand.</summary>
public sealed class PageCheckTests(Stage stage)
{
    [Theory]
    [InlineData("<input name=x>", "(label)")]
    [InlineData("<img src='data:,'>", "(image-alt)")]
    [InlineData("<button></button>", "(button-name)")]
    [InlineData("<p style='color: #aaa; background: #fff'>faint</p>", "(color-contrast)")]
    [InlineData("<h4>deep</h4>", "(heading-order)")]
    [InlineData("<h1>second</h1>", "2 h1")]
    [InlineData("<p style='font-size: 12px'>small</p>", "text of 12 px")]
    [InlineData("<p class=error>wrong</p>", "is not announced")]
    [InlineData("<div style='width: 400px'>wide</div>", "(1.4.10)")]
    public async Task A_page_with_a_fault_does_not_pass(string fault, string finding)
    {
        await using var ann = await stage.VisitorAsync();
        await ann.Page.SetContentAsync(Page(fault));
        var failure = await Record.ExceptionAsync(() => PageCheck.PassesAsync(ann.Page));
        Assert.Contains(finding, failure?.Message ?? "nothing", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_without_one_passes()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.Page.SetContentAsync(Page("<p>well</p>"));
        await PageCheck.PassesAsync(ann.Page);
    }

    private static string Page(string content) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head><title>t</title><meta name="viewport" content="width=device-width"></head>
        <body><main><h1>first</h1>{content}</main></body>
        </html>
        """;
}
