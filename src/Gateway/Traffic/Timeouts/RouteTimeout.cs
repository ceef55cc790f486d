using Gateway.Traffic.Streams;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Traffic.Timeouts;

/// <summary>
/// ASP.NET Core's request time-outs, around the endpoints of routes with a <c>Timeout</c> only. It begins behind the rule, so
/// Kratos' time is not the service's, and ends with the answer; of a stream with the answer's head.
/// </summary>
internal static class RouteTimeout
{
    /// <summary>The endpoint's proxy within the route's time.</summary>
    public static void AddTo(EndpointBuilder endpoint, RouteConfig route, IApplicationBuilder app)
    {
        if (route.Timeout is null) return;
        var proxy = endpoint.RequestDelegate!;
        var within = app.New();
        within.Use(KeepHeadAsync);
        within.UseRequestTimeouts();
        within.Run(context => ForwardAsync(context, proxy));
        endpoint.RequestDelegate = within.Build();
    }

    /// <summary>The middleware clears the answer's head for its 504.</summary>
    private static async Task KeepHeadAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        var said = new SaidHead(response);
        await next(context);
        if (response.StatusCode is not StatusCodes.Status504GatewayTimeout || response.HasStarted) return;
        said.Restore();
    }

    /// <summary>
    /// YARP calls a time that has passed a request that was given up, and answers 400. The middleware needs an exception for
    /// its 504, and tells a client's going away from it.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nothing was answered in time, or the client has gone.</exception>
    private static async Task ForwardAsync(HttpContext context, RequestDelegate proxy)
    {
        await proxy(context);
        if (!context.Response.HasStarted)
            context.RequestAborted.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// The route's transformer; of a route with a time one that ends it at the head of a stream. YARP itself does so where a
    /// protocol is switched.
    /// </summary>
    public static HttpTransformer Around(HttpTransformer transformer, RouteConfig route) =>
        route.Timeout is null ? transformer : new AnswerTransformer(transformer, EndAtStream);

    private static void EndAtStream(HttpContext context)
    {
        if (StreamKinds.Of(context.Response.ContentType) is not null)
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
    }
}
