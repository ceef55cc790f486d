using System.Text;
using Gateway.Access;
using Gateway.Configuration;
using Gateway.Denials;
using Gateway.Forwarding;
using Gateway.Kratos;
using Gateway.KratosProxy;
using Gateway.Management;
using Gateway.Replication;
using Gateway.Routes;
using Gateway.Rules;
using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Gateway.Telemetry;
using Gateway.Traffic;
using Microsoft.AspNetCore.HttpOverrides;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Gateway;

/// <summary>The gateway as an application: services, then the pipeline in order.</summary>
public static partial class GatewayApp
{
    /// <summary>Builds the gateway, ready to start.</summary>
    /// <param name="args">Command line beyond the verb and <c>--config</c>: configuration keys.</param>
    /// <param name="configFile">The user's file; null: <c>GATEWAY_CONFIG</c>, or none.</param>
    /// <param name="customize">A last word on the services, for tests.</param>
    public static WebApplication Build(string[] args, string? configFile = null, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var file = GatewayConfiguration.AddUserFile(builder.Configuration, GatewayConfiguration.FullPath(configFile));
        var settings = GatewayConfiguration.Read(builder.Configuration, file);

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            builder.Configuration.GetSection("Kestrel:Limits").Bind(kestrel.Limits); // Kestrel itself reads endpoints only
            // With RouteTable's ResponseHeaderEncoding: bytes of a service's header values come out as they went in.
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        });
        AddServices(builder.Services, builder.Configuration, file, settings);
        ConsoleLog.Replace(builder.Logging);
        // The host logs a failed start with its stack trace; Commands says it in a line.
        var started = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Warning);
        customize?.Invoke(builder);

        var app = builder.Build();
        if (file is not null) LogConfigurationFile(app.Logger, file.FullPath);
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        UsePipeline(app, settings);
        return app;
    }

    /// <summary>Where the management listener of a started gateway is.</summary>
    public static Uri ManagementAddress(WebApplication gateway) => gateway.Services.GetRequiredService<ManagementServer>().Address;

    /// <summary>Reads the configuration as a start would.</summary>
    /// <exception cref="ConfigurationException">It has mistakes.</exception>
    internal static GatewaySettings Check(string[] args, string? configFile)
    {
        using var configuration = Configure(args, configFile, out var file);
        return GatewayConfiguration.Read(configuration, file);
    }

    /// <summary>Where the management listener of a gateway with this configuration is, seen from the same machine.</summary>
    internal static Uri ManagementUrl(string[] args, string? configFile)
    {
        using var configuration = Configure(args, configFile, out _);
        return (configuration.GetSection(ManagementOptions.Section).Get<ManagementOptions>() ?? new()).LocalAddress;
    }

    private static ConfigurationManager Configure(string[] args, string? configFile, out ConfigurationFile? file)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        file = GatewayConfiguration.AddUserFile(builder.Configuration, GatewayConfiguration.FullPath(configFile));
        return builder.Configuration;
    }

    private static void AddServices(IServiceCollection services, ConfigurationManager configuration, ConfigurationFile? file, GatewaySettings settings)
    {
        services.AddSingleton(settings.Kratos).AddSingleton(settings.Sessions).AddSingleton(settings.Login).AddSingleton(settings.SelfService)
            .AddSingleton(settings.Forwarding).AddSingleton(settings.Management).AddSingleton(settings.Replication).AddSingleton(settings.AccessLog);
        services.AddSingleton(TimeProvider.System);

        services.AddSingleton(sp => new KratosClient(KratosHttp.Create(), settings.Kratos, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PublicApiCheck>().AddSingleton<KratosReadiness>();

        services.AddSingleton(new CredentialReader(settings.Kratos.SessionCookie));
        services.AddSingleton<CacheTrust>().AddSingleton<RecentCookies>().AddSingleton<SessionCache>().AddSingleton<SessionRevocations>().AddSingleton<SessionMetrics>();
        services.AddSingleton<WhoamiCaller>().AddSingleton<SessionResolver>();
        services.AddSingleton<HeaderValueReader>(sp => sp.GetRequiredService<IdentityHeaders>().Render);

        services.AddSingleton<RevocationRelay>();
        if (settings.Replication.Enabled) services.AddHostedService(sp => sp.GetRequiredService<RevocationRelay>());

        services.AddSingleton<LoginPages>().AddSingleton<LoginRedirect>().AddSingleton<DenialResponder>().AddSingleton<UpstreamFailures>();

        services.AddProxy(settings.Routes);
        services.AddSingleton<TransformerWrapper>(sp => (route, transformer) =>
            route.RouteId is KratosRoute.Id ? ActivatorUtilities.CreateInstance<KratosTransformer>(sp, transformer) : transformer);

        services.AddSingleton<RouteLoader>(new ConfigurationReader(configuration, file, settings).Read);
        services.AddSingleton<RouteReload>().AddHostedService(sp => sp.GetRequiredService<RouteReload>());
        services.AddSingleton<IConfigChangeListener>(sp => sp.GetRequiredService<RouteReload>());

        services.AddSingleton(_ => new RequestMetrics([.. Enum.GetValues<Reason>().Select(r => r.Name())]));
        services.AddSingleton(_ => new LogOutput(Console.OpenStandardOutput(), Console.OpenStandardError()));
        services.AddSingleton<AccessLog>();
        services.AddSingleton<Readiness>().AddSingleton<MetricsPage>();
        services.AddSingleton<ManagementServer>().AddHostedService(sp => sp.GetRequiredService<ManagementServer>());

        // ASPNETCORE_FORWARDEDHEADERS_ENABLED would believe everybody, in front of the whole pipeline.
        foreach (var filter in services.Where(d => d.ServiceType == typeof(IStartupFilter) && d.ImplementationType?.Name is "ForwardedHeadersStartupFilter").ToArray()) services.Remove(filter);
        if (settings.Network.TrustedProxies.Count > 0)
            services.Configure<ForwardedHeadersOptions>(o =>
            {
                o.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
                o.ForwardLimit = null;
                o.KnownIPNetworks.Clear();
                o.KnownProxies.Clear();
                foreach (var network in settings.Network.Networks) o.KnownIPNetworks.Add(network);
            });
    }

    private static void UsePipeline(WebApplication app, GatewaySettings settings)
    {
        // YARP registers authorization, and WebApplication would then run that middleware for every request; AccessGuard takes its seat.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;

        app.UseMiddleware<RequestLog>();
        if (settings.Network.TrustedProxies.Count > 0)
        {
            app.UseMiddleware<ForwardedHostGuard>(settings.Network);
            app.UseForwardedHeaders();
        }
        app.UseMiddleware<TargetGuard>();
        HostMatcher.Verify(app.Services);
        app.UseRouting();
        app.UseMiddleware<AccessGuard>();

        var metrics = app.Services.GetRequiredService<RequestMetrics>();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecksWhereEnabled();
        }).Add(endpoint =>
        {
            var route = endpoint.Metadata.OfType<RouteModel>().Single().Config;
            RouteMetadata.AddTo(endpoint, route, metrics);
            GuardBuiltInRoute(endpoint, route, app.Services);
        });

        // Behind every configured route, so that a service may take "/" for itself.
        if (settings.SelfService.Url is not null)
            app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], () => Results.Redirect(settings.SelfService.Home))
                .WithOrder(int.MaxValue).WithMetadata(new RoutePolicy(new("anonymous", SessionRequirement.None, []), RouteTarget.Plain, metrics.Of("home")));
    }

    /// <summary>The routes of Kratos and of its UI have a guard of their own between the access rule and the proxy.</summary>
    private static void GuardBuiltInRoute(EndpointBuilder endpoint, RouteConfig route, IServiceProvider services)
    {
        var proxy = endpoint.RequestDelegate!;
        switch (route.RouteId)
        {
            case KratosRoute.Id:
                endpoint.RequestDelegate = ActivatorUtilities.CreateInstance<KratosCalls>(services, proxy).InvokeAsync;
                break;
            case SelfServiceRoute.Id:
                endpoint.RequestDelegate = ActivatorUtilities.CreateInstance<SelfServiceGuard>(services, proxy).InvokeAsync;
                break;
        }
    }

    [LoggerMessage(EventIds.ConfigurationFile, LogLevel.Information, "Configuration file: {File}")]
    private static partial void LogConfigurationFile(ILogger logger, string file);
}
