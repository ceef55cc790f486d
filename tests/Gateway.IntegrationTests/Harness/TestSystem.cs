using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevKratos;
using DevKratos.Core;
using Gateway.Hosting;
using Gateway.Management;
using Gateway.Sessions.Cache;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A gateway between DevKratos and a service, all over real sockets on free ports. Routes: <c>/public</c> (anonymous),
/// <c>/optional</c>, <c>/private</c> (signed-in), <c>/default</c> (names no rule), <c>/aal2</c>, <c>/recent</c> (15 minutes),
/// <c>/verified</c>, <c>/staff</c> (trait), <c>/api</c> (public, prefix removed), <c>/files</c> (public, every unusual target
/// allowed). Further YAML is appended by tests.
/// </summary>
internal sealed class TestSystem : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-test-").FullName;

    private TestSystem(DevKratosServer kratos, EchoService service) => (Kratos, Service) = (kratos, service);

    public DevKratosServer Kratos { get; }

    public EchoService Service { get; }

    public WebApplication Gateway { get; private set; } = null!;

    public ShiftedTime Time { get; } = new();

    /// <summary>Never follows redirects, never keeps cookies.</summary>
    public HttpClient Client { get; private set; } = null!;

    public Uri Url => new(Gateway.Urls.First());

    public Uri ManagementUrl => Gateway.Services.GetRequiredService<ManagementServer>().Address;

    public SessionCache Cache => Gateway.Services.GetRequiredService<SessionCache>();

    public string ConfigFile => Path.Combine(_folder, "gateway.yaml");

    public const string Rules = """
        AccessRules:
          aal2: { Session: Required, Require: [ { AssuranceLevel: aal2 } ] }
          recent: { Session: Required, Require: [ { SessionAge: "00:15:00" } ] }
          verified: { Session: Required, Require: [ { VerifiedEmail: true } ] }
          staff: { Session: Required, Require: [ { Trait: { Path: email, EndsWith: "@example.org" } } ] }
        """;

    /// <param name="args">Configuration keys as on the command line, such as <c>--Sessions:CacheDuration=00:00:10</c>.</param>
    /// <param name="yaml">
    /// The whole configuration file instead of <see cref="DefaultYaml"/>; <c>{service}</c> stands for the service's address.
    /// </param>
    public static async Task<TestSystem> StartAsync(
        string[]? args = null,
        string? yaml = null,
        DevKratosOptions? kratos = null,
        Action<WebApplicationBuilder>? customize = null)
    {
        var server = await DevKratosServer.StartAsync(
            (kratos ?? new()) with { PublicPort = 0, AdminPort = 0, UiPort = 0, Environment = "Development" });
        var system = new TestSystem(server, await EchoService.StartAsync());
        await system.WriteConfigAsync(yaml ?? DefaultYaml());
        system.Gateway = GatewayApp.Build(
            [
                "--Urls=http://127.0.0.1:0", "--Management:Url=http://127.0.0.1:0",
                $"--Kratos:PublicUrl={server.PublicUrl}", $"--SelfService:Url={server.UiUrl.GetLeftPart(UriPartial.Authority)}",
                "--Logging:LogLevel:Default=None", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=None",
                "--AccessLog:Enabled=false",
                "--Kratos:Timeout=00:00:20", // on a busy machine an answer takes its time
                .. args ?? [],
            ],
            system.ConfigFile,
            builder =>
            {
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(system.Time));
                customize?.Invoke(builder);
            });
        await system.Gateway.StartAsync();
        server.PublicBaseUrl = new Uri(system.Url, "/kratos/");
        server.UiBaseUrl = new Uri(system.Url, "/auth");
        system.Client = system.NewClient();
        return system;
    }

    public static string DefaultYaml()
    {
        string[] routes =
        [
            "public:anonymous", "optional:optional", "private:signed-in", "default:", "aal2:aal2", "recent:recent",
            "verified:verified", "staff:staff",
        ];
        var lines = routes.Select(r => r.Split(':')).Select(r =>
            $$"""    {{r[0]}}: { ClusterId: echo, {{(r[1].Length > 0 ? $"AuthorizationPolicy: {r[1]}, " : "")}}Match: { Path: "/{{r[0]}}/{**rest}" } }""");
        return $$"""
            {{Rules}}
            ReverseProxy:
              Routes:
            {{string.Join('\n', lines)}}
                api:
                  ClusterId: echo
                  AuthorizationPolicy: anonymous
                  Match: { Path: "/api/{**rest}" }
                  Transforms: [ { PathRemovePrefix: /api } ]
                files:
                  ClusterId: echo
                  AuthorizationPolicy: anonymous
                  Match: { Path: "/files/{**rest}" }
                  Metadata: { AllowEncodedSlashes: "true", AllowEmptySegments: "true", AllowPathParameters: "true" }
              Clusters:
                echo: { Destinations: { a: { Address: "{service}" } } }
            """;
    }

    /// <summary>
    /// Saves the configuration file in one step, so that half a save is never read; a running gateway takes it over by itself.
    /// </summary>
    public async Task WriteConfigAsync(string yaml)
    {
        var whole = ConfigFile + ".new";
        await File.WriteAllTextAsync(whole, yaml.Replace("{service}", Service.Url.ToString(), StringComparison.Ordinal));
        File.Move(whole, ConfigFile, overwrite: true);
    }

    public HttpClient NewClient() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = Url };

    /// <summary>GET with headers given as "Name: value".</summary>
    public Task<HttpResponseMessage> GetAsync(string path, params string[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params string[] headers) =>
        SendAsync(method, path, null, headers);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, params string[] headers)
    {
        var request = Request(method, path, headers);
        request.Content = content;
        return Client.SendAsync(request);
    }

    /// <summary>A request with headers given as "Name: value".</summary>
    public static HttpRequestMessage Request(HttpMethod method, string path, params string[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim());
        }
        return request;
    }

    /// <summary>Asks the management listener.</summary>
    public Task<HttpResponseMessage> ManageAsync(string path, HttpMethod? method = null) =>
        Client.SendAsync(new(method ?? HttpMethod.Get, new Uri(ManagementUrl, path)), TestContext.Current.CancellationToken);

    /// <summary>The whole page <c>/metrics</c>.</summary>
    public Task<string> MetricsAsync() => Client.GetStringAsync(new Uri(ManagementUrl, "/metrics"));

    /// <summary>What the service gets of a GET that is answered with 200.</summary>
    public async Task<Received> ForwardedAsync(string path, params string[] headers)
    {
        Service.Forget();
        using var answer = await GetAsync(path, headers);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return Service.Only;
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        await answer.Content.ReadFromJsonAsync<JsonElement>();

    /// <summary><c>error.reason</c> of an answer in Ory's shape.</summary>
    public static async Task<string?> ReasonAsync(HttpResponseMessage answer) =>
        (await JsonAsync(answer)).GetProperty("error").GetProperty("reason").GetString();

    /// <summary>
    /// Waits until <paramref name="condition"/> holds; fails after 20 seconds. For what happens in the background only.
    /// </summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Kratos.Faults.Hang = false;
        Client.Dispose();
        await Gateway.StopAsync(new CancellationToken(canceled: true));
        await Gateway.DisposeAsync();
        await Service.DisposeAsync();
        await Kratos.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
