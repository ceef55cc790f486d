using Gateway.Access;
using Gateway.Decisions;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Traffic.Cors;

/// <summary>
/// Where ASP.NET Core's CORS middleware stands: around routes that have a policy, before their rule. Until there is a route
/// with one, a request is only asked a flag.
/// </summary>
internal sealed class CorsPipeline
{
    private volatile bool _isUsed;

    /// <summary>
    /// The route's transformer; of a route with a policy one that takes what the service says of CORS out of its answers. YARP
    /// has it built before a request meets the route.
    /// </summary>
    public HttpTransformer Around(HttpTransformer transformer, RouteConfig route)
    {
        if (RouteCors.Of(route) is not { } cors) return transformer;
        _isUsed = true;
        return new AnswerTransformer(transformer, context => cors.Replace(context.Response.Headers));
    }

    /// <summary>
    /// Before routing: a pre-flight is routed as the request it asks for, and answered by that route's policy. Where that one
    /// has none, or there is no such route, it is routed once more, as the OPTIONS request that it is.
    /// </summary>
    public void UseBeforeRouting(IApplicationBuilder app) => app.Use(next =>
        context => _isUsed && IsPreflight(context.Request) ? RouteAsAskedForAsync(context, next) : next(context));

    /// <summary>Behind routing, before the rule: whatever is answered then, a refusal too, says who may read it.</summary>
    public void UseBehindRouting(IApplicationBuilder app) => app.UseWhen(
        context => _isUsed && context.Request.Headers.Origin.Count > 0 && IsConcerned(context),
        routes =>
        {
            routes.Use(AnswerOnlyOwnPreflight);
            routes.UseCors();
        });

    /// <summary>Fetch standard, CORS-preflight request.</summary>
    public static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method)
        && request.Headers.Origin.Count > 0
        && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod);

    private static bool IsConcerned(HttpContext context) =>
        RouteCors.Of(context) is not null || context.Features.Get<AskedRoute>() is not null;

    private static async Task RouteAsAskedForAsync(HttpContext context, RequestDelegate next)
    {
        var asked = new AskedRoute();
        context.Features.Set(asked);
        context.Request.Method = context.Request.Headers.AccessControlRequestMethod.ToString();
        await next(context);
        if (asked.HasPolicy) return;

        context.Request.Method = HttpMethods.Options;
        context.Features.Set<AskedRoute>(null);
        context.SetEndpoint(null);
        context.Request.RouteValues.Clear();
        await next(context);
    }

    /// <summary>
    /// A pre-flight whose own route has no policy has come back by another one's: that one's must not speak for it.
    /// </summary>
    private static Task AnswerOnlyOwnPreflight(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<AskedRoute>() is not { } asked)
            return IsPreflight(context.Request) ? context.DenyAsync(Reason.NoRoute) : next(context);

        context.Request.Method = HttpMethods.Options;
        asked.HasPolicy = RouteCors.Of(context) is not null && IsTaken(context);
        return asked.HasPolicy ? next(context) : Task.CompletedTask;
    }

    /// <summary>Whether the guard behind would take the request's target and host for this route's.</summary>
    private static bool IsTaken(HttpContext context) =>
        RoutePolicy.Of(context) is { } route
        && route.Hosts?.Cover(context.Request) is not false
        && route.Target.Accepts(context);

    /// <summary>On a pre-flight that is routed as the request it asks for.</summary>
    private sealed class AskedRoute
    {
        /// <summary>Whether that request's route has a policy, which has answered.</summary>
        public bool HasPolicy { get; set; }
    }
}
