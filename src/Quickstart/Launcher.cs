using DevKratos;
using Gateway;

namespace Quickstart;

/// <summary>Starts the whole system in this process, waits until it is ready, prints the guide, and stops it again.</summary>
internal static class Launcher
{
    public static async Task<int> RunAsync(Ports wanted, Uri? kratosUrl, TextWriter output, CancellationToken cancellationToken)
    {
        if (wanted.FirstBusy(withKratos: kratosUrl is null) is { } busy)
        {
            await Console.Error.WriteLineAsync($"Port {busy.Port} is in use: stop the program that uses it, or choose another with {busy.Flag} (0 takes a free one).");
            return 1;
        }

        var ports = wanted.Resolved();
        var origin = new Uri($"http://127.0.0.1:{ports.Gateway}");
        await using var running = new Running();
        if (kratosUrl is null)
            running.Kratos = await DevKratosServer.StartAsync(new DevKratosOptions
            {
                PublicPort = ports.KratosPublic,
                AdminPort = ports.KratosAdmin,
                UiPort = ports.Ui,
                PublicBaseUrl = new Uri(origin, "/kratos/"),
                UiBaseUrl = new Uri(origin, "/auth"),
            }, cancellationToken);
        await running.StartAsync(HelloService.Program.Build([$"--urls=http://127.0.0.1:{ports.Hello}", .. Quiet]), cancellationToken);
        await running.StartAsync(WorldService.Program.Build([$"--urls=http://127.0.0.1:{ports.World}", .. Quiet]), cancellationToken);
        await running.StartAsync(GatewayApp.Build(GatewayArguments(ports, kratosUrl), Path.Combine(AppContext.BaseDirectory, "gateway.yaml")), cancellationToken);
        if (!await IsReadyAsync(ports, cancellationToken))
        {
            await Console.Error.WriteLineAsync($"Kratos at {kratosUrl ?? new Uri($"http://127.0.0.1:{ports.KratosPublic}")} is not ready: start it, or check --kratos-public-url.");
            return 1;
        }

        await output.WriteLineAsync(Guide.Text(ports, kratosUrl));
        await running.UntilAsync(cancellationToken);
        return 0;
    }

    private static readonly string[] Quiet = ["--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Warning"];

    private static string[] GatewayArguments(Ports ports, Uri? kratosUrl) =>
    [
        $"--Urls=http://127.0.0.1:{ports.Gateway}",
        $"--Management:Url=http://127.0.0.1:{ports.Management}",
        $"--Kratos:PublicUrl={kratosUrl?.AbsoluteUri ?? $"http://127.0.0.1:{ports.KratosPublic}"}",
        $"--SelfService:Url=http://127.0.0.1:{ports.Ui}",
        $"--ReverseProxy:Clusters:hello:Destinations:a:Address=http://127.0.0.1:{ports.Hello}",
        $"--ReverseProxy:Clusters:world:Destinations:a:Address=http://127.0.0.1:{ports.World}",
        "--AccessLog:Enabled=false",
        .. Quiet,
    ];

    /// <summary>Whether the gateway says it is ready; it is asked for at most 15 seconds.</summary>
    private static async Task<bool> IsReadyAsync(Ports ports, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var attempt = 0; attempt < 150; attempt++)
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{ports.Management}/health/ready"), cancellationToken);
            if (answer.IsSuccessStatusCode) return true;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
        return false;
    }

    /// <summary>What was started, stopped in the opposite order.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly Stack<WebApplication> _apps = [];

        public DevKratosServer? Kratos { get; set; }

        public async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
        {
            _apps.Push(app);
            await app.StartAsync(cancellationToken);
        }

        /// <summary>Waits for Ctrl+C, which every application hears, or for the caller.</summary>
        public async Task UntilAsync(CancellationToken cancellationToken)
        {
            var stopping = new TaskCompletionSource();
            using var cancelled = cancellationToken.Register(() => stopping.TrySetResult());
            using var signalled = _apps.Peek().Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult());
            await stopping.Task;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var app in _apps)
            {
                await app.StopAsync();
                await app.DisposeAsync();
            }
            if (Kratos is not null) await Kratos.DisposeAsync();
        }
    }
}
