using System.Text;
using System.Text.Json;
using Gateway.Decisions;
using Gateway.Forwarding.Mutators;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.UnitTests.Forwarding.Mutators;

/// <summary>A rule's mutators over one caller and one request.</summary>
internal static class MutatorRun
{
    /// <param name="mutators">The rule's list as JSON.</param>
    /// <param name="session">The session's JSON; null: nobody is calling.</param>
    /// <param name="cookie">The client's Cookie header.</param>
    /// <param name="captures">What the parameters of the route's path captured.</param>
    public static HttpRequestMessage Of(string mutators, string? session, string? cookie = null, string[]? captures = null)
    {
        var message = new HttpRequestMessage();
        if (cookie is not null)
            message.Headers.TryAddWithoutValidation("Cookie", cookie);
        foreach (var mutator in Read(mutators))
            mutator.Apply(Request(captures ?? []), session is null ? null : Caller(session), message.Headers);
        return message;
    }

    public static IReadOnlyList<Mutator> Read(string mutators)
    {
        using var json = JsonDocument.Parse(mutators);
        var reading = new MutatorReading { SessionCookie = "ory_kratos_session" };
        var read = RuleMutators.Read(json.RootElement, reading);
        Assert.Empty(reading.Problems.All);
        return read;
    }

    public static IReadOnlyList<(string Place, string Problem)> Problems(string mutators)
    {
        using var json = JsonDocument.Parse(mutators);
        var reading = new MutatorReading { SessionCookie = "ory_kratos_session" };
        RuleMutators.Read(json.RootElement, reading);
        return reading.Problems.All;
    }

    public static Caller Caller(string session, string subject = "foo") =>
        new(subject, "kratos", DateTimeOffset.UnixEpoch.AddYears(100)) { SessionJson = Encoding.UTF8.GetBytes(session) };

    public static DefaultHttpContext Request(string[] captures)
    {
        var context = new DefaultHttpContext();
        for (var i = 0; i < captures.Length; i++)
            context.Request.RouteValues[$"p{i}"] = captures[i];
        var path = string.Concat(captures.Select((_, i) => $"/{{p{i}}}"));
        var pattern = RoutePatternFactory.Parse(path);
        context.SetEndpoint(new RouteEndpoint(_ => Task.CompletedTask, pattern, 0, EndpointMetadataCollection.Empty, null));
        return context;
    }

    public static string? Header(this HttpRequestMessage message, string name) =>
        message.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
