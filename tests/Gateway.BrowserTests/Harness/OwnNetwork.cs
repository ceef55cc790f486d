using System.Diagnostics;
using System.Text;

namespace Gateway.BrowserTests.Harness;

/// <summary>
/// A shell in a network of its own (a network namespace, <c>unshare</c>), in which the ports that README names are free
/// whatever else runs on the machine. What is typed there is README's, word for word; only <c>dotnet</c> is a function of
/// ours, which adds <c>--no-build</c> and the configuration that was built to <c>dotnet run</c>.
/// </summary>
internal sealed class OwnNetwork(string folder)
{
    private const string Enter = "ip link set lo up && exec bash -s";

    private static readonly string Dotnet = $$"""
        dotnet() {
          [ "$1" = run ] || { command dotnet "$@"; return; }
          shift
          command dotnet run --no-build --configuration {{Checkout.Build}} "$@"
        }
        """;

    /// <summary>Where there can be none the test is skipped, with the reason.</summary>
    public static async Task RequireAsync()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("only Linux has network namespaces");
        const string Trial = "ip link set lo up && curl --version";
        using var trial = Process.Start(new ProcessStartInfo("unshare", ["-rn", "sh", "-c", Trial])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = trial.StandardOutput.ReadToEndAsync();
        var errors = await trial.StandardError.ReadToEndAsync();
        await trial.WaitForExitAsync();
        if (trial.ExitCode != 0)
            Assert.Skip($"no network namespace, ip or curl here: {errors.Trim()}");
    }

    /// <summary>
    /// Starts <paramref name="server"/>, which prints a guide that ends in a line with Ctrl+C, and then types what
    /// <paramref name="choose"/> takes of the guide, one line after the other, into one shell.
    /// </summary>
    /// <returns>The guide, and what each line printed.</returns>
    public async Task<(string Guide, IReadOnlyList<string> Answers)> TypeAsync(
        string server, Func<string, IReadOnlyList<string>> choose)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        using var shell = Start();
        try
        {
            var errors = shell.StandardError.ReadToEndAsync(limit.Token);
            await shell.StandardInput.WriteLineAsync($"{Dotnet}\n{server} </dev/null 2>errors &");
            var guide = await ReadAsync(shell, line => line.Contains("Ctrl+C", StringComparison.Ordinal), limit.Token);
            var answers = new List<string>();
            foreach (var line in choose(guide))
            {
                var end = $"end of {Guid.NewGuid():N}";
                await shell.StandardInput.WriteLineAsync($"{line}\necho; echo '{end}'".AsMemory(), limit.Token);
                var text = await ReadAsync(shell, printed => printed == end, limit.Token);
                answers.Add(text.Replace(end, "", StringComparison.Ordinal).Trim());
            }
            return (guide, answers);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
            await shell.WaitForExitAsync(CancellationToken.None);
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("unshare", ["-rn", "sh", "-c", Enter])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Reads to the line that is the last one.</summary>
    private async Task<string> ReadAsync(Process shell, Func<string, bool> isLast, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (true)
        {
            var line = await shell.StandardOutput.ReadLineAsync(cancellationToken);
            if (line is null)
                Assert.Fail($"The shell ended after\n{text}\n{File.ReadAllText(Path.Combine(folder, "errors"))}");
            text.AppendLine(line);
            if (isLast(line)) return text.ToString();
        }
    }
}
