using System.Text;
using Gateway.Access;
using Gateway.Authenticators;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Denials;
using Gateway.Forwarding;
using Gateway.Forwarding.Signing;
using Gateway.Hosting.Explaining;
using Gateway.Kratos;
using Gateway.Management;
using Gateway.Network;
using Gateway.RateLimits;
using Gateway.Replication;
using Gateway.Requests;
using Gateway.Routes;
using Gateway.Rules;
using Gateway.Sessions;
using Gateway.Targets;
using Gateway.Telemetry;
using Gateway.Traffic;
using Gateway.Traffic.Cors;
using Gateway.Traffic.Streams;
using Gateway.Traffic.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Yarp.ReverseProxy.Model;

namespace Gateway.Hosting;

/// <summary>The gateway as an application: each folder's services, then the pipeline in order.</summary>
public static partial class GatewayApp
{
    /// <summary>Builds the gateway, ready to start.</summary>
    /// <param name="args">Command line beyond the verb and <c>--config</c>: configuration keys.</param>
    /// <param name="configFile">The user's file; null: <c>GATEWAY_CONFIG</c>, or none.</param>
    /// <param name="customize">A last word on the services, for tests.</param>
    public static WebApplication Build(
        string[] args, string? configFile = null, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = CreateBuilder(args, configFile, out var file);
        var settings = GatewayConfiguration.Read(builder.Configuration, file);
        var builtIn = BuiltInRoutes.Of(settings.Kratos, settings.SelfService, settings.IdentityToken);

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, builder.Configuration));
        AddServices(builder.Services, settings, builtIn);
        WebApplication? app = null;
        builder.Services.AddSingleton(_ => Explain(() => app!, settings, builtIn));
        var reader = new ConfigurationReader(builder.Configuration, file, settings);
        builder.Services.AddRouteReload(sp =>
        {
            var tokens = sp.GetRequiredService<TokenIssuers>();
            return () => reader.Read(tokens);
        });
        var folder = GatewaySettings.Folder(file);
        builder.Services.AddHostedService(sp => ActivatorUtilities.CreateInstance<KeyFileWatch>(sp, folder));
        builder.Services.AddManagement(settings.Management);
        ConsoleLog.Replace(builder.Logging);
        // A failed start is said once: by ServeCommand in a line, or by the runtime with its stack trace.
        var started = false;
        builder.Logging.AddFilter(
            "Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Warning);
        customize?.Invoke(builder);

        app = builder.Build();
        app.Services.GetRequiredService<SessionMetrics>(); // on /metrics from the start, not from the first request
        app.Services.GetRequiredService<OpenStreams>();
        if (file is not null)
            LogConfigurationFile(app.Logger, file.FullPath);
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        UsePipeline(app, settings);
        MapProxy(app, builtIn);
        MapHome(app, settings);
        return app;
    }

    /// <summary>Where the management listener of a started gateway is.</summary>
    public static Uri ManagementAddress(WebApplication gateway) =>
        gateway.Services.GetRequiredService<ManagementServer>().Address;

    /// <summary>
    /// The gateway that a start would build, to be asked about requests: it is never started, listens nowhere, and calls nobody
    /// but Kratos.
    /// </summary>
    /// <exception cref="ConfigurationException">A start would refuse it.</exception>
    internal static WebApplication BuildUnstarted(string[] args, string? configFile)
    {
        var builder = CreateBuilder(args, configFile, out var file);
        var settings = GatewayConfiguration.Read(builder.Configuration, file);
        settings = settings with { Routes = settings.Routes.WithoutHealthChecks() };
        var builtIn = BuiltInRoutes.Of(settings.Kratos, settings.SelfService, settings.IdentityToken);
        builder.Logging.ClearProviders();
        AddServices(builder.Services, settings, builtIn);
        WebApplication? app = null;
        builder.Services.AddSingleton(_ => Explain(() => app!, settings, builtIn));
        app = builder.Build();
        MapProxy(app, builtIn);
        MapHome(app, settings);
        return app;
    }

    /// <summary>Reads the configuration as a start would.</summary>
    /// <exception cref="ConfigurationException">It has mistakes.</exception>
    internal static GatewaySettings Check(string[] args, string? configFile)
    {
        using var configuration = CreateBuilder(args, configFile, out var file).Configuration;
        return GatewayConfiguration.Read(configuration, file);
    }

    /// <summary>Where the management listener of a gateway with this configuration is, and what it asks for.</summary>
    /// <exception cref="ConfigurationException">It can be nowhere; what else is wrong is not looked at.</exception>
    internal static ManagementOptions Management(string[] args, string? configFile)
    {
        using var configuration = CreateBuilder(args, configFile, out var file).Configuration;
        var options = configuration.GetSection(ManagementOptions.Section).Get<ManagementOptions>() ?? new();
        var errors = new ConfigErrors(configuration);
        options.ValidateUrl(errors);
        if (errors.Any) throw new ConfigurationException(file?.FullPath, errors.All);
        return options.In(GatewaySettings.Folder(file));
    }

    private static WebApplicationBuilder CreateBuilder(string[] args, string? configFile, out ConfigurationFile? file)
    {
        var options = new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory };
        var builder = WebApplication.CreateSlimBuilder(options);
        file = GatewayConfiguration.AddUserFile(builder.Configuration, GatewayConfiguration.FullPath(configFile));
        return builder;
    }

    private static void Configure(KestrelServerOptions kestrel, ConfigurationManager configuration)
    {
        kestrel.AddServerHeader = false;
        configuration.GetSection("Kestrel:Limits").Bind(kestrel.Limits); // Kestrel itself reads endpoints only
        kestrel.RequestHeaderEncodingSelector = ConnectionListEncoding.Of!;
        // With RouteTable's ResponseHeaderEncoding: bytes of a service's header values come out as they went in.
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
    }

    private static void AddServices(
        IServiceCollection services, GatewaySettings settings, IReadOnlyList<BuiltInRoute> builtIn)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddTelemetry(settings.AccessLog, [.. Enum.GetValues<Reason>().Select(reason => reason.Name())]);
        services.AddKratos(settings.Kratos);
        services.AddSessions(settings.Sessions, settings.Kratos.SessionCookie);
        services.AddForwarding(settings.Forwarding, settings.Routes.Tokens);
        services.AddReplication(settings.Replication);
        services.AddDenials(settings.Login);
        services.AddAuthenticators();
        services.AddSingleton<AccessDecider>();
        services.AddRequests();
        services.AddRateLimits(settings.RateLimits);
        services.AddSingleton(settings.SelfService);
        services.AddBuiltInRoutes(builtIn);
        services.AddProxy(settings.Routes);
        services.AddSessionJsonSwitch();
        services.AddTraffic(settings.Streams);
        services.AddNetwork(settings.Network);
    }

    private static void UsePipeline(WebApplication app, GatewaySettings settings)
    {
        // Where authentication and authorization are registered, WebApplication would run their middleware for every request;
        // AccessGuard takes their seat.
        var properties = ((IApplicationBuilder)app).Properties;
        properties["__AuthenticationMiddlewareSet"] = true;
        properties["__AuthorizationMiddlewareSet"] = true;

        app.UseMiddleware<ConnectionUse>();
        app.UseMiddleware<RequestBoundary>();
        UseSteps(app, settings);
        app.UseMiddleware<AccessGuard>();
    }

    /// <summary>What comes before the guard: who asks, for what, and which route that is.</summary>
    private static void UseSteps(IApplicationBuilder app, GatewaySettings settings)
    {
        if (settings.Network.TrustedProxies.Count > 0)
        {
            app.UseMiddleware<ForwardedHeadersGuard>(settings.Network, settings.Forwarding.KeepFromTrustedProxies.Count > 0);
            app.UseForwardedHeaders();
        }
        app.UseMiddleware<TargetGuard>();
        HostMatcher.Verify(app.ApplicationServices);
        var cors = app.ApplicationServices.GetRequiredService<CorsPipeline>();
        cors.UseBeforeRouting(app);
        app.UseRouting();
        cors.UseBehindRouting(app);
    }

    /// <summary>Built when somebody first asks: it has a matcher of its own.</summary>
    private static ExplainCall Explain(Func<WebApplication> app, GatewaySettings settings, IReadOnlyList<BuiltInRoute> builtIn)
    {
        var explainer = new Lazy<Explainer>(() => new(
            app(), new DryRun(app(), steps => UseSteps(steps, settings), builtIn), settings.Kratos.SessionCookie));
        return (request, cancellationToken) => explainer.Value.ExplainAsync(request, cancellationToken);
    }

    /// <summary>YARP, with each route's policy, and a guard around those built in.</summary>
    private static void MapProxy(WebApplication app, IReadOnlyList<BuiltInRoute> builtIn)
    {
        var metrics = app.Services.GetRequiredService<GatewayMetrics>();
        var limits = app.Services.GetRequiredService<RouteLimits>();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<StreamRequests>();
            proxy.UseSessionAffinity();
            proxy.UseMiddleware<SecondDestination>();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecksWhereEnabled();
        }).Add(endpoint =>
        {
            var route = endpoint.Metadata.OfType<RouteModel>().Single().Config;
            RoutePolicies.AddTo(endpoint, route, metrics.Of(route.RouteId), limits);
            RouteTimeout.AddTo(endpoint, route, app);
            if (builtIn.FirstOrDefault(own => own.Is(route.RouteId)) is { } found)
                endpoint.RequestDelegate = found.Guard(app.Services, endpoint.RequestDelegate!);
        });
    }

    /// <summary><c>/</c> leads to the self-service UI's home, behind every configured route: a service may take it.</summary>
    private static void MapHome(WebApplication app, GatewaySettings settings)
    {
        if (settings.SelfService.Url is null) return;
        var metrics = app.Services.GetRequiredService<GatewayMetrics>().Of(GatewayMetrics.HomeId);
        var everybody = new AccessRule("anonymous", SessionRequirement.None, []);
        app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], () => Results.Redirect(settings.SelfService.Home))
            .WithOrder(int.MaxValue)
            .WithMetadata(new RoutePolicy(everybody, RouteTarget.Plain, metrics));
    }

    [LoggerMessage(EventIds.ConfigurationFile, LogLevel.Information, "Configuration file: {File}")]
    private static partial void LogConfigurationFile(ILogger logger, string file);
}
