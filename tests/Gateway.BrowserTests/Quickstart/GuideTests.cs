using System.Text.RegularExpressions;
using Gateway.BrowserTests.Harness;

namespace Gateway.BrowserTests.Quickstart;

/// <summary>The guide that the Quickstart prints, and README, typed word for word into a shell.</summary>
public sealed partial class GuideTests : IDisposable
{
    private readonly Checkout _checkout = new();

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public async Task Every_line_of_the_readme_does_what_stands_behind_it_and_the_guide_has_the_same_lines()
    {
        await OwnNetwork.RequireAsync();
        string[] blocks = [.. Checkout.Blocks("sh")];
        var typed = Lines(blocks[1]).ToList();

        var (guide, answers) = await new OwnNetwork(_checkout.Folder).TypeAsync(blocks[0].TrimEnd(), _ => typed);

        Assert.Equal(typed, OfGuide(guide));
        AllDoWhatTheySay(typed, answers);
        Assert.Contains("Access-Control-Allow-Origin: http://127.0.0.1:3000", Answer("Origin:"), StringComparison.Ordinal);
        Assert.Contains("RateLimit: \"per-user\";r=99", Answer("/world/me"), StringComparison.Ordinal);
        Assert.Contains("\"session_aal2_required\"", Answer("/hello/vault"), StringComparison.Ordinal);
        Assert.Contains("\"name\":\"VerifiedEmail\",\"holds\":false", Answer("/api/decisions/"), StringComparison.Ordinal);
        var explained = Answer("explain");
        Assert.Contains("Route        world\n", explained, StringComparison.Ordinal);
        Assert.Contains("Policies     rate limit per-user: ", explained, StringComparison.Ordinal);
        Assert.Contains("X-Identity-Token: ***", explained, StringComparison.Ordinal);
        Assert.Matches("^(200 ){50,100}(429 ?){1,51}$", Answer("[1-101]"));

        string Answer(string part) => answers[typed.FindIndex(line => line.Contains(part, StringComparison.Ordinal))];
    }

    [Theory]
    [InlineData("")]
    [InlineData("  Path: /identity")]
    [InlineData("  Path: \"\"")]
    public async Task With_a_file_of_ones_own_the_guide_leads_to_its_routes_and_ends_in_a_200(string kratos)
    {
        var yaml = Checkout.Yaml.Replace("Kratos:\n", $"Kratos:\n{kratos}\n", StringComparison.Ordinal);
        await File.WriteAllTextAsync(_checkout.ConfigFile, yaml, TestContext.Current.CancellationToken);
        await OwnNetwork.RequireAsync();
        const string Command = "dotnet run --project src/Quickstart -- --config gateway.yaml";
        Assert.Contains($"`{Command}`", Checkout.Readme, StringComparison.Ordinal);

        var (guide, answers) = await new OwnNetwork(_checkout.Folder).TypeAsync(Command, OfGuide);

        var typed = OfGuide(guide);
        Assert.DoesNotContain("/hello\n", guide, StringComparison.Ordinal);
        Assert.Contains("    http://127.0.0.1:8000/orders\n", guide, StringComparison.Ordinal);
        Assert.Contains("curl -i $gateway/orders ", guide, StringComparison.Ordinal);
        AllDoWhatTheySay(typed, answers);
        // README's rule wants a verified address.
        Assert.StartsWith("HTTP/1.1 403 ", answers[^2], StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", answers[^1], StringComparison.Ordinal);
    }

    /// <summary>A line that names a status gets it, and the last one is a 200.</summary>
    private static void AllDoWhatTheySay(IReadOnlyList<string> typed, IReadOnlyList<string> answers)
    {
        foreach (var (line, answer) in typed.Zip(answers))
            if (line.StartsWith("curl -i ", StringComparison.Ordinal) && Promised().Match(line) is { Success: true } promise)
                Assert.StartsWith($"HTTP/1.1 {promise.Groups[1].Value} ", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", answers[^1], StringComparison.Ordinal);
    }

    private static string[] OfGuide(string guide)
    {
        var shell = guide.Split("Or without a browser:")[1].Split("Ctrl+C")[0];
        return [.. Lines(shell).Select(line => line.Trim()).Where(line => line.Length > 0)];
    }

    private static string[] Lines(string block) => block.TrimEnd().Split('\n');

    [GeneratedRegex(" # ([0-9]{3})[:,]")]
    private static partial Regex Promised();
}
