using System.Globalization;
using System.Net;
using Gateway.Hosting;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Benchmarks;

/// <summary>
/// The gateway, or bare YARP, from the first middleware to the call of HttpClient, without sockets: what is measured is the
/// code between Kestrel and HttpClient and nothing else, so allocations and instructions repeat.
/// </summary>
internal sealed class InProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly StubServer _server;
    private string? _config;

    private InProcess(WebApplication app, StubServer server) => (_app, _server) = (app, server);

    /// <param name="more">Sections of the configuration besides those of the hot path, such as <see cref="Token"/>.</param>
    public static async Task<InProcess> GatewayAsync(string more = "")
    {
        var config = Path.Combine(Path.GetTempPath(), $"gateway-hotpath-{Environment.ProcessId}.yaml");
        await File.WriteAllTextAsync(config, $$"""
            {{more}}
            Kratos: { PublicUrl: "http://kratos.test" }
            Sessions: { CacheDuration: 01:00:00 }
            AccessRules:
              token: { Session: Required{{(more.Length > 0 ? ", Mutators: [ { IdentityToken: { Audience: stub } } ]" : "")}} }
              three-conditions:
                Session: Required
                Require: [ { VerifiedEmail: true }, { AssuranceLevel: aal1 }, { Trait: { Path: email, EndsWith: "@example.org" } } ]
            ReverseProxy:
              Routes:
                anonymous: { ClusterId: stub, AuthorizationPolicy: anonymous, Match: { Path: "/anonymous/{**rest}" } }
                signed-in: { ClusterId: stub, AuthorizationPolicy: signed-in, Match: { Path: "/signed-in/{**rest}" } }
                token: { ClusterId: stub, AuthorizationPolicy: token, Match: { Path: "/token/{**rest}" } }
                conditions: { ClusterId: stub, AuthorizationPolicy: three-conditions, Match: { Path: "/conditions/{**rest}" } }
              Clusters:
                stub: { Destinations: { a: { Address: "http://service.test" } } }
            """);
        var server = new StubServer();
        string[] args =
        [
            "--Management:Url=http://127.0.0.1:0",
            "--Logging:LogLevel:Default=Warning",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=None",
        ];
        var app = GatewayApp.Build(args, config, builder =>
        {
            Stub(builder.Services, server);
            builder.Services.Replace(
                ServiceDescriptor.Singleton(sp => new Kratos.KratosClient(
                    new HttpClient(new StubKratos()),
                    sp.GetRequiredService<Kratos.KratosOptions>(),
                    TimeProvider.System)));
            // The access log's lines are queued as ever, and written to nowhere.
            builder.Services.Replace(ServiceDescriptor.Singleton(_ => new Telemetry.LogOutput(Stream.Null, Stream.Null)));
        });
        await app.StartAsync();
        return new(app, server) { _config = config };
    }

    /// <summary>Has <c>/token</c> sign identity tokens; in development, so that a key is generated.</summary>
    public const string Token = """
        IdentityToken: { Issuer: "https://gateway.test" }
        """;

    /// <summary>YARP's getting-started page: one route, all defaults, no logging.</summary>
    public static async Task<InProcess> BareYarpAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:ClusterId"] = "stub",
            ["ReverseProxy:Routes:all:Match:Path"] = "/{**rest}",
            ["ReverseProxy:Clusters:stub:Destinations:a:Address"] = "http://service.test",
        });
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
        var server = new StubServer();
        Stub(builder.Services, server);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.StartAsync();
        return new(app, server);
    }

    /// <summary>
    /// One request of a browser: twelve headers, the session cookie among them, that of the session numbered.
    /// </summary>
    public Task RequestAsync(string path, int? session = null) =>
        _server.Handle!(Request(path, session is { } number ? $"ory_kratos_session={number}{new string('M', 400)}" : Cookie));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_config is not null)
            File.Delete(_config);
    }

    private static void Stub(IServiceCollection services, StubServer server)
    {
        services.Replace(ServiceDescriptor.Singleton<IServer>(server));
        services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory>(new StubClientFactory()));
    }

    private static readonly string Cookie =
        "theme=dark; csrf_token_0a1b2c=S0FuQmVoaWw4c1h6; ory_kratos_session=" + new string('M', 400);

    /// <summary>One keep-alive connection carries all requests.</summary>
    private static readonly SharedConnection Connection = new();

    private static FeatureCollection Request(string path, string cookie)
    {
        var features = new FeatureCollection(40);
        var headers = new HeaderDictionary(24)
        {
            ["Host"] = "127.0.0.1:8000",
            ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ["Accept"] = "application/json, text/plain, */*",
            ["Accept-Language"] = "en-GB,en;q=0.8,de;q=0.5",
            ["Accept-Encoding"] = "gzip, deflate, br, zstd",
            ["Referer"] = "https://app.example.org/dashboard?tab=orders",
            ["Sec-Fetch-Dest"] = "empty",
            ["Sec-Fetch-Mode"] = "cors",
            ["Sec-Fetch-Site"] = "same-origin",
            ["Priority"] = "u=4",
            ["DNT"] = "1",
            ["Cookie"] = cookie,
        };
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = "GET",
            Scheme = "http",
            Protocol = "HTTP/1.1",
            Path = path,
            RawTarget = path,
            Headers = headers,
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Loopback });
        features.Set<IConnectionItemsFeature>(Connection);
        features.Set<IHttpRequestIdentifierFeature>(
            new HttpRequestIdentifierFeature { TraceIdentifier = "0HNQ82VU2A3NT:00000001" });
        return features;
    }

    private sealed class SharedConnection : IConnectionItemsFeature
    {
        public IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();
    }

    private sealed class StubServer : IServer
    {
        public Func<IFeatureCollection, Task>? Handle { get; private set; }

        public IFeatureCollection Features { get; } = Addresses();

        public Task StartAsync<TContext>(
            IHttpApplication<TContext> application,
            CancellationToken cancellationToken) where TContext : notnull
        {
            Handle = async features =>
            {
                var context = application.CreateContext(features);
                await application.ProcessRequestAsync(context);
                application.DisposeContext(context, null);
            };
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() { }

        private static FeatureCollection Addresses()
        {
            var features = new FeatureCollection();
            features.Set<IServerAddressesFeature>(new ServerAddressesFeature());
            return features;
        }
    }

    private sealed class StubClientFactory : IForwarderHttpClientFactory
    {
        public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context) => new(new StubService());
    }

    private sealed class StubService : HttpMessageHandler
    {
        private static readonly byte[] Body = """{"message":"Hello microservice"}"""u8.ToArray();
        private static readonly string BodyLength = Body.Length.ToString(CultureInfo.InvariantCulture);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            foreach (var _ in request.Headers.NonValidated) { } // as writing them would
            var content = new ByteArrayContent(Body);
            content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            content.Headers.TryAddWithoutValidation("Content-Length", BodyLength);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Version = HttpVersion.Version11,
                Content = content,
            });
        }
    }

    private sealed class StubKratos : HttpMessageHandler
    {
        /// <summary>A session of its own for every cookie; 401 for nobody, which is how the public API is known.</summary>
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(request.Headers.NonValidated.Contains("Cookie")
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(NewSession()) }
                : new HttpResponseMessage(HttpStatusCode.Unauthorized));

        private static string NewSession() => Samples.Session
            .Replace("de297c5f-da2d-4512-9a56-75453c9ce5e9", Guid.NewGuid().ToString(), StringComparison.Ordinal)
            .Replace("ec061ee5-d713-493b-89c5-cb168c2146f8", Guid.NewGuid().ToString(), StringComparison.Ordinal);
    }
}
