using System.Diagnostics.CodeAnalysis;
using Gateway.Access;
using Gateway.Authenticators;
using Gateway.Decisions;
using Gateway.Denials;
using Gateway.Routes;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Gateway.Hosting.Explaining;

/// <summary>
/// The gateway's own pipeline (the same middleware over the same endpoints and services), with an end that forwards nothing: it
/// has the route's transformer write the request that the service would get, and keeps that. Nothing is logged or counted as a
/// request.
/// </summary>
internal sealed class DryRun
{
    private static readonly string[] Reasons = [.. Enum.GetValues<Reason>().Select(reason => reason.Name())];

    private readonly RequestDelegate _run;
    private readonly DenialResponder _denials;
    private readonly Dictionary<string, RequestDelegate> _guards;

    /// <param name="app">The gateway, started or not.</param>
    /// <param name="steps">The steps in front of the guard.</param>
    public DryRun(WebApplication app, Action<IApplicationBuilder> steps, IReadOnlyList<BuiltInRoute> builtIn)
    {
        var services = app.Services;
        _denials = services.GetRequiredService<DenialResponder>();
        _guards = builtIn.ToDictionary(
            own => own.Id, own => own.Guard(services, ForwardAsync), StringComparer.OrdinalIgnoreCase);
        var callers = new AuthenticatorChain([new GivenCaller(services.GetRequiredService<AuthenticatorChain>())]);
        // Not a branch of the gateway's own builder, which remembers what has been added to it.
        var pipeline = new ApplicationBuilder(services);
        steps(pipeline);
        pipeline.Use(Uncounted);
        pipeline.UseMiddleware<AccessGuard>(new AccessDecider(callers, services.GetRequiredService<TimeProvider>()));
        pipeline.Run(EndAsync);
        // Behind the end: it gives routing its endpoints, and no request comes here.
        pipeline.UseEndpoints(routes =>
        {
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
                routes.DataSources.Add(source);
        });
        _run = pipeline.Build();
    }

    /// <summary>The request is left with its endpoint, caller and denial, its answer where it is the gateway's, and the
    /// <see cref="ForwardedMessage"/>.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "As RequestBoundary does.")]
    public async Task SendAsync(HttpContext context)
    {
        Reason? refusal;
        try
        {
            await _run(context);
            refusal = Denial.Of(context)?.Reason;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            refusal = Reason.InternalError;
        }
        if (refusal is { } reason)
            await _denials.AnswerAsync(context, reason);
    }

    /// <summary>The route's numbers, and its rate limit's, are of requests that somebody sent.</summary>
    private static RequestDelegate Uncounted(RequestDelegate next) => context =>
    {
        if (context.GetEndpoint() is { } endpoint && RoutePolicy.Of(context) is { } policy)
        {
            var metrics = new RouteMetrics(policy.Metrics.Route, Reasons, durations: null);
            var nobodys = policy with { Metrics = metrics, Limit = policy.Limit?.Uncounted() };
            context.SetEndpoint(With(endpoint, new([.. endpoint.Metadata, nobodys])));
        }
        return next(context);
    };

    /// <summary>Of the same kind: a template asks a route's endpoint what its path captured.</summary>
    private static Endpoint With(Endpoint endpoint, EndpointMetadataCollection metadata) => endpoint is RouteEndpoint route
        ? new RouteEndpoint(route.RequestDelegate!, route.RoutePattern, route.Order, metadata, route.DisplayName)
        : new Endpoint(endpoint.RequestDelegate, metadata, endpoint.DisplayName);

    private Task EndAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint()!;
        if (endpoint.Metadata.GetMetadata<RouteModel>() is not { } route)
            return endpoint.RequestDelegate!(context); // what the gateway answers itself, such as "/"
        return _guards.TryGetValue(route.Config.RouteId, out var guard) ? guard(context) : ForwardAsync(context);
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var route = context.GetEndpoint()!.Metadata.GetMetadata<RouteModel>()!;
        var available = route.Cluster?.DestinationsState.AvailableDestinations ?? [];
        var destinations = available.OrderBy(destination => destination.DestinationId, StringComparer.Ordinal).ToArray();
        if (destinations.Length == 0)
        {
            await context.DenyAsync(Reason.UpstreamUnavailable);
            return;
        }
        var address = destinations[0].Model.Config.Address;
        var message = new HttpRequestMessage { Method = HttpMethod.Parse(context.Request.Method) };
        // Of them all for the first: a transformer may leave the inbound request changed.
        await route.Transformer.TransformRequestAsync(context, message, address, context.RequestAborted);
        message.RequestUri ??= RequestUtilities.MakeDestinationAddress(
            address, context.Request.Path, context.Request.QueryString);
        context.Features.Set(new ForwardedMessage(message, destinations));
    }
}

/// <summary>What a service would get, and which it may be.</summary>
internal sealed record ForwardedMessage(HttpRequestMessage Message, IReadOnlyList<DestinationState> Destinations);
