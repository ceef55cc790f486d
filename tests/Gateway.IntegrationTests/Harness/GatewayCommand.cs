using System.Diagnostics;
using Gateway.Hosting;

namespace Gateway.IntegrationTests.Harness;

/// <summary>What a run of the real program left behind.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);

/// <summary>The gateway's command line, as an operator uses it.</summary>
internal static class GatewayCommand
{
    /// <summary>Runs to the end; killed after a minute.</summary>
    /// <param name="input">What it reads from standard input; null: it has the test's own.</param>
    public static async Task<ProcessResult> RunAsync(
        string[] args, IReadOnlyDictionary<string, string>? environment = null, string? input = null)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(GatewayApp).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = input is not null,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>
    /// Runs to the end, its output and error going into a pipe that is full and that nobody reads; killed after a minute.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunUnreadAsync(params string[] args)
    {
        const string Script = """
            pipe=$(mktemp -u) && mkfifo "$pipe" && exec 3<>"$pipe" && rm "$pipe" && head -c 65536 /dev/zero >&3 && exec dotnet exec "$@" >&3 2>&3
            """;
        using var process = Process.Start("sh", ["-c", Script, "sh", typeof(GatewayApp).Assembly.Location, .. args]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
