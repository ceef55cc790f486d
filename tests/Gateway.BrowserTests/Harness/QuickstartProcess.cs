using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Gateway.BrowserTests.Harness;

/// <summary>The real command, <c>dotnet Quickstart.dll</c> or as a person writes it, as a process of its own.</summary>
internal sealed partial class QuickstartProcess : IAsyncDisposable
{
    public static readonly string[] FreePorts =
    [
        "--gateway-port=0", "--management-port=0", "--hello-port=0", "--world-port=0", "--kratos-public-port=0",
        "--kratos-admin-port=0", "--ui-port=0",
    ];

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private QuickstartProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is null)
                _lines.Writer.Complete();
            else
                _lines.Writer.TryWrite(e.Data);
        };
        _process.BeginOutputReadLine();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it printed once everything ran; empty before <see cref="ReadyAsync"/>.</summary>
    public string Guide { get; private set; } = "";

    public Uri Origin => AddressOf("Gateway");

    public static QuickstartProcess Start(params string[] args)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
        return Start("", [dotnet, Path.Combine(AppContext.BaseDirectory, "Quickstart.dll"), .. args]);
    }

    /// <summary>Starts the command where a person stands in <paramref name="folder"/>; empty: in the tests' own.</summary>
    public static QuickstartProcess Start(string folder, string[] command)
    {
        if (IgnoresInterrupts())
            command = ["env", "--default-signal=INT", .. command];
        return new(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!);
    }

    /// <summary>A shell's background job ignores SIGINT and hands that on to its children; a person's command does not.</summary>
    private static bool IgnoresInterrupts()
    {
        const string Label = "SigIgn:";
        if (!OperatingSystem.IsLinux()) return false;
        var mask = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Label, StringComparison.Ordinal));
        return (ulong.Parse(mask[Label.Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 0b10) != 0;
    }

    /// <summary>Waits for the guide.</summary>
    public async Task<QuickstartProcess> ReadyAsync()
    {
        var guide = new StringBuilder();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
        {
            guide.AppendLine(line);
            if (!line.Contains("Ctrl+C", StringComparison.Ordinal)) continue;
            Guide = guide.ToString();
            return this;
        }
        throw new InvalidOperationException($"The Quickstart ended before it was ready: {await _errors}");
    }

    /// <summary>The address on the guide's line with this label.</summary>
    public Uri AddressOf(string label)
    {
        var line = $@"^ +{Regex.Escape(label)} +(http://[^ /\s]+)";
        return new(Regex.Match(Guide, line, RegexOptions.Multiline, TimeSpan.FromSeconds(1)).Groups[1].Value);
    }

    /// <summary>Every port the guide names, but that of a page elsewhere.</summary>
    public int[] Ports() =>
        [.. AddressPattern().Matches(Guide).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).Distinct()];

    public async Task SignalAsync(PosixSignal signal)
    {
        using var kill = Process.Start(
            "kill",
            [signal is PosixSignal.SIGINT ? "-INT" : "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for its end: the exit code, what it printed beside the guide, and what it wrote to stderr.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(limit.Token);
        var output = new StringBuilder();
        await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
            output.AppendLine(line);
        return (_process.ExitCode, output.ToString().Trim(), await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    [GeneratedRegex(@"(?<!Origin: )http://127\.0\.0\.1:(\d+)")]
    private static partial Regex AddressPattern();
}
