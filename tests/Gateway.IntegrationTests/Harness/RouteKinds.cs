using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// Gateways with every kind of route in front of services that speak HTTP/1.1 and HTTP/2, with and without TLS. Everything is
/// public but <c>/signed</c>, <c>/signed-transformed</c>, and <c>/orders</c> for the method GET.
/// </summary>
public sealed class RouteKinds : IAsyncLifetime
{
    private const string Routes = """
        ReverseProxy:
          Routes:
            plain: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/plain/{**rest}" } }
            transformed:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            prefixed:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/prefixed/{**rest}" }
              Transforms: [ { PathRemovePrefix: /prefixed } ]
            host: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Hosts: [ shop.test ], Path: "/host/{**rest}" } }
            orders: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Methods: [ GET ], Path: "/orders/{**rest}" } }
            orders-preflight:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Methods: [ OPTIONS, POST, PUT, DELETE, PATCH, HEAD ], Path: "/orders/{**rest}" }
            signed: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: "/signed/{**rest}" } }
            signed-transformed:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              Match: { Path: "/signed-transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            h2c: { ClusterId: h2c, AuthorizationPolicy: anonymous, Match: { Path: "/h2c/{**rest}" } }
            h2c-transformed:
              ClusterId: h2c
              AuthorizationPolicy: anonymous
              Match: { Path: "/h2c-transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            tls: { ClusterId: tls, AuthorizationPolicy: anonymous, Match: { Path: "/tls/{**rest}" } }
            tls-transformed:
              ClusterId: tls
              AuthorizationPolicy: anonymous
              Match: { Path: "/tls-transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            tls-http2: { ClusterId: tls-http2, AuthorizationPolicy: anonymous, Match: { Path: "/tls-http2/{**rest}" } }
            tls-http1: { ClusterId: tls-http1, AuthorizationPolicy: anonymous, Match: { Path: "/tls-http1/{**rest}" } }
            tls-http1-transformed:
              ClusterId: tls-http1
              AuthorizationPolicy: anonymous
              Match: { Path: "/tls-http1-transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
            h2c:
              HttpRequest: { Version: "2.0", VersionPolicy: RequestVersionExact }
              Destinations: { a: { Address: "{h2c}" } }
            tls: { HttpClient: { DangerousAcceptAnyServerCertificate: true }, Destinations: { a: { Address: "{tls}" } } }
            tls-http2:
              HttpClient: { DangerousAcceptAnyServerCertificate: true }
              HttpRequest: { Version: "2.0", VersionPolicy: RequestVersionExact }
              Destinations: { a: { Address: "{tls}" } }
            tls-http1:
              HttpClient: { DangerousAcceptAnyServerCertificate: true }
              Destinations: { a: { Address: "{tls-http1}" } }
        """;

    private readonly List<EchoService> _services = [];

    /// <summary>With DevKratos: every route but Kratos' and its pages'.</summary>
    internal TestSystem Http1 { get; private set; } = null!;

    internal TestSystem Http2 { get; private set; } = null!;

    /// <summary>With a service in the place of Kratos and its pages, for <c>/kratos</c> and <c>/auth</c>.</summary>
    internal TestSystem BuiltInHttp1 { get; private set; } = null!;

    internal TestSystem BuiltInHttp2 { get; private set; } = null!;

    /// <summary>The gateway and a path of a route. <paramref name="kind"/>: its name, or <c>kratos</c>, <c>auth</c>.</summary>
    internal (TestSystem Gateway, string Path) Of(string kind, bool http2 = false) => kind switch
    {
        "kratos" => (http2 ? BuiltInHttp2 : BuiltInHttp1, "/kratos/self-service/login/flows"),
        "auth" => (http2 ? BuiltInHttp2 : BuiltInHttp1, "/auth/login"),
        _ => (http2 ? Http2 : Http1, $"/{kind}/1"),
    };

    /// <summary>What all services received since the last call.</summary>
    internal IReadOnlyList<Received> Take()
    {
        List<Received> received = [.. _services.SelectMany(service => service.Received)];
        _services.ForEach(service => service.Forget());
        return received;
    }

    public async ValueTask InitializeAsync()
    {
        var builtIn = await AddAsync(EchoService.StartAsync());
        var yaml = Routes
            .Replace("{h2c}", await UrlAsync(HttpProtocols.Http2, tls: false), StringComparison.Ordinal)
            .Replace("{tls}", await UrlAsync(HttpProtocols.Http1AndHttp2, tls: true), StringComparison.Ordinal)
            .Replace("{tls-http1}", await UrlAsync(HttpProtocols.Http1, tls: true), StringComparison.Ordinal);
        string[] http2 = ["--Kestrel:EndpointDefaults:Protocols=Http2"];
        string[] pages = [$"--Kratos:PublicUrl={builtIn.Url}", $"--SelfService:Url={builtIn.Url}"];
        Http1 = await TestSystem.StartAsync([], yaml);
        Http2 = await TestSystem.StartAsync(http2, yaml);
        BuiltInHttp1 = await TestSystem.StartAsync(pages, yaml);
        BuiltInHttp2 = await TestSystem.StartAsync([.. http2, .. pages], yaml);
        _services.AddRange([Http1.Service, Http2.Service, BuiltInHttp1.Service, BuiltInHttp2.Service]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var system in (TestSystem[])[Http1, Http2, BuiltInHttp1, BuiltInHttp2])
        {
            _services.Remove(system.Service);
            await system.DisposeAsync();
        }
        foreach (var service in _services)
            await service.DisposeAsync();
    }

    private async Task<string> UrlAsync(HttpProtocols protocols, bool tls) =>
        (await AddAsync(EchoService.StartAsync(protocols, tls))).Url.ToString();

    private async Task<EchoService> AddAsync(Task<EchoService> starting)
    {
        var service = await starting;
        _services.Add(service);
        return service;
    }
}
