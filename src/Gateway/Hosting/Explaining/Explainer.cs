using Gateway.Access;
using Gateway.Decisions;
using Gateway.RateLimits;
using Gateway.Rules;
using Gateway.Traffic.Cors;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Model;

namespace Gateway.Hosting.Explaining;

/// <summary>Says what the gateway does with a request, and why: what a <see cref="DryRun"/> has left, put into words.</summary>
internal sealed class Explainer(WebApplication app, DryRun pipeline, string sessionCookie)
{
    private readonly NearMisses _nearMisses = new(
        [.. ((IEndpointRouteBuilder)app).DataSources],
        app.Services.GetServices<MatcherPolicy>(),
        app.Services.GetRequiredService<ParameterPolicyFactory>());

    /// <exception cref="ExplainException">There cannot be such a request.</exception>
    public async Task<Explanation> ExplainAsync(ExplainRequest asked, CancellationToken cancellationToken)
    {
        var context = TrialRequest.Create(asked, sessionCookie);
        context.RequestServices = app.Services;
        context.RequestAborted = cancellationToken;
        if (asked.Session is { } session)
            GivenCaller.Set(context, session);
        // Before the decision: what holds then, held now.
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var headers = context.Request.Headers.ToArray();

        await pipeline.SendAsync(context);

        var forwarded = context.Features.Get<ForwardedMessage>();
        RestoreHeaders(context, headers);
        return await ExplainAsync(context, asked, forwarded, now);
    }

    /// <summary>A transformer may have emptied them.</summary>
    private static void RestoreHeaders(HttpContext context, KeyValuePair<string, StringValues>[] headers)
    {
        foreach (var (name, value) in headers)
            context.Request.Headers[name] = value;
    }

    private async Task<Explanation> ExplainAsync(
        HttpContext context, ExplainRequest asked, ForwardedMessage? forwarded, DateTimeOffset now)
    {
        var policy = RoutePolicy.Of(context);
        var caller = Caller.Of(context);
        var route = context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>()?.Config;
        return new()
        {
            Method = asked.Method!,
            Url = asked.Url!,
            Route = policy?.Metrics.Route,
            NearMisses = await _nearMisses.FindAsync(context, route?.RouteId),
            Rule = policy?.Rule.Name,
            Session = policy?.Rule.Session.ToString().ToLowerInvariant(),
            Caller = caller is null ? null : new(caller.Subject, caller.Authenticator, caller.ExpiresAt),
            Conditions = Conditions(context, policy, caller, now),
            Policies = await PoliciesAsync(context, policy?.Limit, route?.Timeout),
            Forward = forwarded is null ? null : Forward(forwarded),
            Answer = Answer(context),
        };
    }

    private static IReadOnlyList<ConditionOutcome> Conditions(
        HttpContext context, RoutePolicy? policy, Caller? caller, DateTimeOffset now)
    {
        if (policy is null) return [];
        if (FailedCondition.Of(context) is { } failed) return policy.Rule.Explain(failed.Context);
        var isDecided = caller is not null && Denial.Of(context) is null;
        return policy.Rule.Explain(isDecided ? new RuleContext(caller!, now) : null);
    }

    private static async Task<ExplainedPolicies?> PoliciesAsync(HttpContext context, RouteLimit? limit, TimeSpan? timeout)
    {
        var route = RouteCors.Of(context);
        if (route is null && limit is null && timeout is null) return null;
        var origin = context.Request.Headers.Origin.ToString() is { Length: > 0 } named ? named : null;
        var allowed = route is null || origin is null ? default(bool?) : await route.AllowsAsync(origin);
        // A pre-flight that is refused has met nobody's policy.
        if (allowed is true && CorsPipeline.IsPreflight(context.Request) && Denial.Of(context) is not null)
            allowed = false;
        var isCounted = context.Features.Get<WouldBeCounted>() is not null;
        return new(
            route is null ? null : new(route.Name, origin, allowed),
            limit is null ? null : new(limit.Name, limit.PolicyField, $"{limit.Policy.PartitionBy}", isCounted),
            timeout);
    }

    private static ExplainedForward Forward(ForwardedMessage forwarded)
    {
        var message = forwarded.Message;
        var host = message.Headers.Host ?? message.RequestUri!.Authority;
        var headers = message.Headers.NonValidated.Concat(message.Content?.Headers.NonValidated ?? default)
            .Where(header => header.Key is not "Host")
            .Select(header => new ExplainedHeader(header.Key, Credentials.Masked(header.Key, header.Value.ToString())));
        return new(
            message.Method.Method,
            message.RequestUri!.OriginalString,
            [.. forwarded.Destinations.Select(d => new ExplainedDestination(d.DestinationId, d.Model.Config.Address))],
            [new("Host", host), .. headers]);
    }

    private static ExplainedAnswer Answer(HttpContext context)
    {
        var response = context.Response;
        var location = response.Headers.Location.ToString() is { Length: > 0 } url ? url : null;
        if (Denial.Of(context)?.Reason is { } reason)
        {
            var answer = Denials.Answer.To(reason);
            return new(false, response.StatusCode, reason.Name(), answer.Id, answer.Message, location);
        }
        var isOurs = context.Features.Get<ForwardedMessage>() is null;
        return new(true, isOurs ? response.StatusCode : null, Location: location);
    }
}
