using System.Net;
using System.Net.Sockets;
using DevKratos;
using Gateway.BrowserTests.Harness;
using Quickstart;

namespace Gateway.BrowserTests.Quickstart;

/// <summary>The command within this process.</summary>
public sealed class LauncherTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--gateway-port")]
    [InlineData("--management-port")]
    [InlineData("--hello-port")]
    [InlineData("--world-port")]
    [InlineData("--kratos-public-port")]
    [InlineData("--kratos-admin-port")]
    [InlineData("--ui-port")]
    public async Task A_busy_port_is_told_with_the_flag_that_chooses_another(string flag)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        Assert.Equal(
            (1, $"Port {port} is in use: stop the program that uses it, or choose another with {flag} (0 takes a free one)."),
            await FailAsync(new LaunchOptions(With(flag, port))));
    }

    [Fact]
    public async Task One_port_for_two_listeners_is_told_before_anything_starts()
    {
        var (code, error) = await FailAsync(new LaunchOptions(Ports.Free with { Hello = 9100, Ui = 9100 }));
        Assert.Equal(
            (1, "--hello-port and --ui-port cannot both have port 9100: choose another for one of them (0 takes a free one)."),
            (code, error));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public async Task A_number_that_is_no_port_is_told(int port)
    {
        Assert.Equal(
            (1, $"--world-port {port} is no port: use 1 to 65535, or 0 for a free one."),
            await FailAsync(new LaunchOptions(With("--world-port", port))));
    }

    [Theory]
    [InlineData("kratos:4433")]
    [InlineData("/kratos")]
    [InlineData("ftp://127.0.0.1/")]
    public async Task A_kratos_address_that_is_no_http_url_is_told(string url)
    {
        var (code, error) = await FailAsync(new LaunchOptions(Ports.Free with { Ui = 4455 }) { KratosAddress = url });
        Assert.Equal(1, code);
        Assert.StartsWith(
            $"--kratos-public-url {url} is not an absolute http:// or https:// URL",
            error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_file_with_mistakes_is_told_with_every_mistake()
    {
        var file = Path.GetTempFileName() + ".yaml";
        await File.WriteAllTextAsync(file, "AccessRules: { staff: { Sesion: Required } }", Token);
        var (code, error) = await FailAsync(new LaunchOptions(Ports.Free) { ConfigFile = file });
        File.Delete(file);
        Assert.Equal(1, code);
        Assert.Contains("AccessRules:staff:Sesion", error, StringComparison.Ordinal);

        Assert.Equal(
            (1, $"--config {file}: there is no such file."),
            await FailAsync(new LaunchOptions(Ports.Free) { ConfigFile = file }));
    }

    [Fact]
    public async Task With_a_kratos_of_ones_own_devkratos_is_not_started_and_the_gateway_asks_that_kratos()
    {
        await using var kratos = await DevKratosServer.StartAsync(new() { PublicPort = 0, AdminPort = 0, UiPort = 0 }, Token);
        var session = await kratos.SignInNewAsync();
        var ports = Ports.Free with { Ui = kratos.UiUrl.Port };
        var options = new LaunchOptions(ports) { KratosAddress = kratos.PublicUrl.AbsoluteUri };
        await using var system = await RunningSystem.StartAsync(options, Token);
        Assert.Null(system.Kratos);
        Assert.Equal((0, 0), (system.Ports.KratosPublic, system.Ports.KratosAdmin));

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
        {
            BaseAddress = system.Origin,
        };
        http.DefaultRequestHeaders.Add("Cookie", session.CookieHeader);
        Assert.Equal(Visitor.Hello, await http.GetStringAsync(new Uri("/hello", UriKind.Relative), Token));
        Assert.Contains(
            "You are signed in",
            await http.GetStringAsync(new Uri("/auth/welcome", UriKind.Relative), Token),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_guide_for_a_kratos_of_ones_own_says_what_its_base_url_must_be()
    {
        using var stop = new CancellationTokenSource();
        await using var kratos = await DevKratosServer.StartAsync(new() { PublicPort = 0, AdminPort = 0, UiPort = 0 }, Token);
        using var output = new StopAtGuide(stop);
        var ports = Ports.Free with { Ui = kratos.UiUrl.Port };
        var options = new LaunchOptions(ports) { KratosAddress = kratos.PublicUrl.AbsoluteUri };
        Assert.Equal(0, await Launcher.RunAsync(options, output, TextWriter.Null, stop.Token));
        var guide = output.ToString();
        Assert.Contains(
            $"{kratos.PublicUrl}  (yours; its serve.public.base_url must be http://127.0.0.1:",
            guide,
            StringComparison.Ordinal);
        Assert.DoesNotContain("DevKratos", guide, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Error)> FailAsync(LaunchOptions options)
    {
        using var error = new StringWriter();
        var code = await Launcher.RunAsync(options, TextWriter.Null, error, Token);
        return (code, error.ToString().TrimEnd());
    }

    private static Ports With(string flag, int port) => flag switch
    {
        "--gateway-port" => Ports.Free with { Gateway = port },
        "--management-port" => Ports.Free with { Management = port },
        "--hello-port" => Ports.Free with { Hello = port },
        "--world-port" => Ports.Free with { World = port },
        "--kratos-public-port" => Ports.Free with { KratosPublic = port },
        "--kratos-admin-port" => Ports.Free with { KratosAdmin = port },
        _ => Ports.Free with { Ui = port },
    };

    /// <summary>Presses Ctrl+C as soon as the guide is printed.</summary>
    private sealed class StopAtGuide(CancellationTokenSource stop) : StringWriter
    {
        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            await stop.CancelAsync();
        }
    }
}
