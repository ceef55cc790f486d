using System.Net;
using System.Runtime.InteropServices;
using DevKratos.Core;

namespace DevKratos;

/// <summary>
/// <c>dotnet run --project src/DevKratos</c>: options from the command line and from <c>DEVKRATOS_*</c> variables.
/// </summary>
internal static class CommandLine
{
    private static readonly string[] Known =
    [
        "listen", "public-port", "admin-port", "ui-port", "public-base-url", "ui-base-url",
        "whoami-required-aal", "standalone", "environment",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (args.Contains("--help"))
            {
                Console.WriteLine(
                    "DevKratos: an in-memory stand-in for Ory Kratos, for development and tests only.\nOptions: "
                        + string.Join(' ', Known.Select(k => "--" + k)));
                return 0;
            }

            if (args is ["--health", var url]) return await IsHealthyAsync(url) ? 0 : 1;

            await using var server = await DevKratosServer.StartAsync(Parse(args));
            Console.WriteLine(
                $"DevKratos (development only): public API {server.PublicUrl}, admin API {server.AdminUrl}, pages "
                    + $"{server.UiUrl}/welcome");
            var stop = new TaskCompletionSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            await stop.Task;
            return 0;

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.TrySetResult();
            }
        }
        catch (Exception trouble)
            when (trouble is InvalidOperationException or IOException or FormatException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(trouble.Message);
            return 1;
        }
    }

    /// <summary>The container's own health check: an image without curl asks the running server through its program.</summary>
    private static async Task<bool> IsHealthyAsync(string url)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            using var response = await client.GetAsync(new Uri(url));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static DevKratosOptions Parse(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("DEVKRATOS_")
            .AddCommandLine([.. args.Select(a => a == "--standalone" ? "--standalone=true" : a)])
            .Build();
        foreach (var (key, _) in configuration.AsEnumerable())
        {
            if (!Known.Contains(Dashed(key)))
                throw new ArgumentException($"Unknown option --{key}. Options: " + string.Join(' ', Known.Select(k => "--" + k)));
        }

        var values = configuration.AsEnumerable().ToDictionary(v => Dashed(v.Key), v => v.Value ?? "");
        var defaults = new DevKratosOptions { LogToConsole = true };
        var standalone = values.TryGetValue("standalone", out var alone) && alone is not "false";
        return defaults with
        {
            Listen = Read("listen", defaults.Listen, IPAddress.TryParse, "an IP address, such as 0.0.0.0"),
            PublicPort = Port("public-port", defaults.PublicPort),
            AdminPort = Port("admin-port", defaults.AdminPort),
            UiPort = Port("ui-port", defaults.UiPort),
            PublicBaseUrl = Url("public-base-url") ?? (standalone ? null : defaults.PublicBaseUrl),
            UiBaseUrl = Url("ui-base-url") ?? (standalone ? null : defaults.UiBaseUrl),
            WhoamiRequiredAal = values.GetValueOrDefault("whoami-required-aal", defaults.WhoamiRequiredAal),
            Environment = values.GetValueOrDefault("environment"),
        };

        int Port(string name, int otherwise) => Read<ushort>(name, (ushort)otherwise, ushort.TryParse, "a port number");

        Uri? Url(string name) => Read<Uri?>(
            name, null, (text, out url) => Uri.TryCreate(text, UriKind.Absolute, out url), "an absolute URL");

        T Read<T>(string name, T otherwise, Parser<T> parse, string expected)
        {
            if (!values.TryGetValue(name, out var text)) return otherwise;
            return parse(text, out var value) ? value! : throw new ArgumentException($"--{name} {text}: expected {expected}.");
        }
    }

    private delegate bool Parser<T>(string? text, out T? value);

    private static string Dashed(string key) => key.Replace('_', '-').ToLowerInvariant();
}
