using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.BrowserTests.Harness;

namespace Gateway.BrowserTests.Quickstart;

/// <summary>
/// What README.md tells a person to type about a file of their own does what it says, in a <see cref="Checkout"/>. The commands
/// are README's own, with three additions: <c>--no-build</c>, because a build through that folder would write into the
/// repository's <c>obj</c> while other tests run from it; the configuration it was built in; and free ports behind the rest.
/// </summary>
public sealed partial class ReadmeTests : IDisposable
{
    private const string Validate = "dotnet run --project src/Gateway -- validate --config gateway.yaml";
    private const string Serve = "dotnet run --project src/Gateway -- --config gateway.yaml";
    private const string Quickstart = "dotnet run --project src/Quickstart";

    private readonly Checkout _checkout = new();

    private string ConfigFile => _checkout.ConfigFile;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _checkout.Dispose();

    [Fact]
    public void Every_command_of_the_readme_is_tried_here_or_cannot_be()
    {
        // GuideTests types the second block. The last two: this test is part of the one, and the other takes an hour.
        string[] known = [Validate, Serve, Quickstart, "dotnet test", "bench/run"];
        var others = Checkout.Blocks("sh").Where((_, index) => index != 1);
        Assert.Equal(known.Order(), others.SelectMany(block => block.Trim().Split('\n')).Order());
        Assert.Contains($"`{Quickstart} -- --config gateway.yaml`", Checkout.Readme, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_reads_the_file_where_the_person_stands_and_says_which()
    {
        var (exitCode, output, errors) = await RunAsync(Validate);

        Assert.Equal((0, ""), (exitCode, errors));
        // orders, Kratos and its pages
        Assert.Equal($"{ConfigFile}: the configuration is good: 3 routes, 3 clusters.", output.Trim());
    }

    [Fact]
    public async Task Validate_names_a_mistake_in_that_file()
    {
        var misspelt = Checkout.Yaml.Replace("VerifiedEmail", "VerifiedMail", StringComparison.Ordinal);
        await File.WriteAllTextAsync(ConfigFile, misspelt, Token);

        var (exitCode, output, errors) = await RunAsync(Validate);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(ConfigFile, errors, StringComparison.Ordinal);
        Assert.Contains("AccessRules:staff:Require:0:VerifiedMail", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Validate)]
    [InlineData(Serve)]
    [InlineData(Quickstart + " -- --config gateway.yaml")]
    public async Task A_file_that_is_not_there_is_named_by_its_full_path(string command)
    {
        File.Delete(ConfigFile);

        var (exitCode, output, errors) = await RunAsync(command);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(ConfigFile, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_variable_names_a_file_where_the_person_stands_too()
    {
        var command = Validate.Replace(" --config gateway.yaml", "", StringComparison.Ordinal);

        var (exitCode, output, errors) = await RunAsync(command, ("GATEWAY_CONFIG", "./gateway.yaml"));

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.StartsWith($"{ConfigFile}: the configuration is good: 3 routes", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gateway_serves_the_routes_of_that_file_and_says_which_it_read()
    {
        using var gateway = Start([.. Command(Serve), "--Urls=http://127.0.0.1:0", "--Management:Url=http://127.0.0.1:0"]);
        var output = "";
        try
        {
            while (!output.Contains("Application started", StringComparison.Ordinal))
            {
                var line = await gateway.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
                Assert.True(line is not null, output);
                output += line + "\n";
            }
            // The management listener is the first.
            var url = new Uri(Listening().Matches(output)[^1].Groups[1].Value);

            Assert.Contains(ConfigFile, output, StringComparison.Ordinal);
            await AssertServesOrdersAsync(url);
        }
        finally
        {
            gateway.Kill(entireProcessTree: true);
            await gateway.WaitForExitAsync(Token);
        }
    }

    [Fact]
    public async Task The_quickstart_serves_the_routes_of_that_file_by_its_rules()
    {
        // Whatever else lies where the person stands is none of its services' business.
        await File.WriteAllTextAsync(Path.Combine(_checkout.Folder, "appsettings.json"), "{ not json", Token);
        string[] command = [.. Command(Quickstart + " -- --config gateway.yaml"), .. QuickstartProcess.FreePorts];
        await using var quickstart = await QuickstartProcess.Start(_checkout.Folder, command).ReadyAsync();

        Assert.Contains(ConfigFile, quickstart.Guide, StringComparison.Ordinal);
        await AssertServesOrdersAsync(quickstart.Origin);
        using var http = NewClient(quickstart.Origin);
        http.DefaultRequestHeaders.Add("X-Session-Token", await RegisterAsync(http));
        var refused = await http.GetAsync(new Uri("/orders/1", UriKind.Relative), Token);
        var body = await refused.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal("email_not_verified", body.GetProperty("error").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Without_a_file_the_quickstart_serves_hello()
    {
        string[] command = [.. Command(Quickstart), "--", .. QuickstartProcess.FreePorts];
        await using var quickstart = await QuickstartProcess.Start(_checkout.Folder, command).ReadyAsync();
        using var http = NewClient(quickstart.Origin);

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/hello", UriKind.Relative), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/orders/1", UriKind.Relative), Token)).StatusCode);
    }

    private static async Task AssertServesOrdersAsync(Uri url)
    {
        using var http = NewClient(url);
        using var orders = await http.GetAsync(new Uri("/orders/1", UriKind.Relative), Token);
        using var hello = await http.GetAsync(new Uri("/hello", UriKind.Relative), Token);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (orders.StatusCode, hello.StatusCode));
    }

    private static HttpClient NewClient(Uri url) =>
        new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = url };

    /// <summary>A new person's session token, by Kratos' API through the gateway.</summary>
    private static async Task<string> RegisterAsync(HttpClient http)
    {
        const string Registration = "/kratos/self-service/registration";
        var flow = await http.GetFromJsonAsync<JsonElement>(new Uri(Registration + "/api", UriKind.Relative), Token);
        var traits = new { email = "ann@example.org" };
        var form = new { method = "password", password = "correct-horse-battery-7319", traits };
        var submit = new Uri($"{Registration}?flow={flow.GetProperty("id")}", UriKind.Relative);
        using var answer = await http.PostAsJsonAsync(submit, form, Token);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("session_token").GetString()!;
    }

    private static string[] Command(string text)
    {
        Assert.StartsWith("dotnet run ", text, StringComparison.Ordinal);
        return ["dotnet", "run", "--no-build", "--configuration", Checkout.Build, .. text.Split(' ')[2..]];
    }

    private Process Start(string[] command, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = _checkout.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string command, params (string Name, string Value)[] environment)
    {
        using var process = Start(Command(command), environment);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    [GeneratedRegex("Now listening on: (http://127\\.0\\.0\\.1:[0-9]+)")]
    private static partial Regex Listening();
}
