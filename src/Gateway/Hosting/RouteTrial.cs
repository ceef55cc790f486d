using System.Diagnostics.CodeAnalysis;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Forwarding.Signing;
using Gateway.Routes;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Gateway.Telemetry;
using Gateway.Traffic;
using Gateway.Traffic.Cors;
using Yarp.ReverseProxy.Model;

namespace Gateway.Hosting;

/// <summary>
/// Builds the routes of one load completely, as the running proxy would, and throws the result away: endpoints with their
/// constraints, rules and transforms, HTTP clients, and the matcher over them. What fails only then would leave the running
/// proxy half changed and deaf to the next load (dotnet/yarp#2791).
/// </summary>
internal static class RouteTrial
{
    /// <summary>Adds what cannot be built, and routes that take the same request, to <paramref name="errors"/>.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever is thrown here would be thrown in the running proxy.")]
    public static void Run(RouteTable table, GatewaySettings settings, ConfigErrors errors)
    {
        using var proxy = Compose(table, settings);
        try
        {
            var route = BuildRouting(proxy);
            route(new DefaultHttpContext { Request = { Method = HttpMethods.Get, Path = "/" } });
            foreach (var overlap in new RouteOverlapSearch(route).Find(table.Routes))
                RouteTable.Add(overlap, errors);
        }
        catch (Exception e)
        {
            errors.Add(RouteTable.Section, $"cannot be built: {e.GetBaseException().Message}");
        }
    }

    /// <summary>An application that is never started: it listens nowhere and sends nothing.</summary>
    private static WebApplication Compose(RouteTable table, GatewaySettings settings)
    {
        // Else it is the folder of the start, which may be gone by now.
        var options = new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory };
        var builder = WebApplication.CreateEmptyBuilder(options);
        builder.WebHost.UseKestrelCore();
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System).AddSingleton(settings.Forwarding);
        services.AddSingleton(new CredentialReader(settings.Kratos.SessionCookie)).AddSingleton<RecentCookies>();
        services.AddSingleton(new TokenIssuers(table.Tokens, TimeProvider.System)).AddSingleton<TokenSigner>();
        services.AddSingleton<TransformerWrapper>((route, transformer) => transformer.WithPolicies(route, new CorsPipeline()));
        services.AddProxy(table.WithoutHealthChecks());
        return builder.Build();
    }

    /// <summary>
    /// Routing, which builds its matcher with the first request, and behind which nothing runs: a request is left with its
    /// endpoint.
    /// </summary>
    private static Action<HttpContext> BuildRouting(WebApplication proxy)
    {
        var nobodys = new RouteMetrics("trial", [], durations: null);
        proxy.UseRouting();
        proxy.Run(_ => Task.CompletedTask);
        proxy.MapReverseProxy(_ => { }).Add(endpoint =>
            RoutePolicies.AddTo(endpoint, endpoint.Metadata.OfType<RouteModel>().Single().Config, nobodys, limits: null));
        var routing = ((IApplicationBuilder)proxy).Build();
        return request => routing(request).GetAwaiter().GetResult();
    }
}
