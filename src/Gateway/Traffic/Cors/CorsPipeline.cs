using Gateway.Access;
using Gateway.Decisions;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Traffic.Cors;

/// <summary>
/// Where ASP.NET Core's CORS middleware stands: around routes that have a policy, before their rule. Until there is a route
/// with one, a request is only asked a flag.
/// </summary>
internal sealed class CorsPipeline
{
    private volatile bool _isUsed;

    /// <summary>Puts the route's policy, if it has one, on its endpoint.</summary>
    public void AddTo(EndpointBuilder endpoint, RouteConfig route)
    {
        if (RouteCors.Of(route) is not { } cors) return;
        endpoint.Metadata.Add(cors);
        _isUsed = true;
    }

    /// <summary>
    /// Before routing: a pre-flight is routed as the request it asks for, and answered by that route's policy. Where that one
    /// has none, or there is no such route, it is routed as the OPTIONS request that it is.
    /// </summary>
    public void UseBeforeRouting(IApplicationBuilder app) => app.UseWhen(
        context => _isUsed && IsPreflight(context.Request),
        preflights =>
        {
            preflights.Use(RouteAsAskedFor);
            preflights.UseRouting();
            preflights.Use(KeepRouteWithPolicy);
            preflights.UseCors();
        });

    /// <summary>Behind routing, before the rule: whatever is answered then, a refusal too, says who may read it.</summary>
    public void UseBehindRouting(IApplicationBuilder app) => app.UseWhen(
        context => _isUsed && context.Request.Headers.Origin.Count > 0 && RouteCors.Of(context) is not null,
        routes =>
        {
            routes.Use(RefusePreflight);
            routes.UseCors();
            routes.Use(AddVary);
        });

    /// <summary>Fetch standard, CORS-preflight request.</summary>
    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method)
        && request.Headers.Origin.Count > 0
        && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod);

    private static Task RouteAsAskedFor(HttpContext context, RequestDelegate next)
    {
        context.Request.Method = context.Request.Headers.AccessControlRequestMethod.ToString();
        return next(context);
    }

    private static Task KeepRouteWithPolicy(HttpContext context, RequestDelegate next)
    {
        context.Request.Method = HttpMethods.Options;
        if (RouteCors.Of(context) is { } cors && IsTaken(context))
        {
            cors.AddVary(context.Response.Headers);
        }
        else
        {
            context.SetEndpoint(null);
            context.Request.RouteValues.Clear();
        }
        return next(context);
    }

    /// <summary>Whether the guard behind would take the request's target and host for this route's.</summary>
    private static bool IsTaken(HttpContext context) =>
        RoutePolicy.Of(context) is { } route
        && route.Hosts?.Cover(context.Request) is not false
        && route.Target.Accepts(context);

    /// <summary>
    /// Its request would go to another route, without a policy or to none: this one's must not speak for it.
    /// </summary>
    private static Task RefusePreflight(HttpContext context, RequestDelegate next) =>
        IsPreflight(context.Request) ? context.DenyAsync(Reason.NoRoute) : next(context);

    private static Task AddVary(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                RouteCors.Of(context)?.AddVary(context.Response.Headers);
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
