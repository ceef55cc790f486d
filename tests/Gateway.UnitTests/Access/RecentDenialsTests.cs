using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.Access;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Rules;
using Gateway.Targets;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Gateway.UnitTests.Access;

public sealed class RecentDenialsTests
{
    [Fact]
    public void Find_AfterMoreThanItsCapacity_TheLastAreKept()
    {
        var denials = new RecentDenials();
        for (var i = 0; i < RecentDenials.Capacity + 10; i++)
            denials.Add(Denied($"{i}", subject: null));

        Assert.Null(denials.Find("9"));
        Assert.Equal("10", denials.Find("10")?.RequestId);
        Assert.Equal($"{RecentDenials.Capacity + 9}", denials.Find($"{RecentDenials.Capacity + 9}")?.RequestId);
    }

    [Fact]
    public void Find_AfterAFloodOfNobody_APersonsIsStillThere()
    {
        var denials = new RecentDenials();
        denials.Add(Denied("anna's", "anna"));
        for (var i = 0; i < 3 * RecentDenials.Capacity; i++)
            denials.Add(Denied($"{i}", subject: null));

        Assert.Equal("anna", denials.Find("anna's")?.Subject);
    }

    [Fact]
    public void Add_FromManyThreads_NoneIsLost()
    {
        var denials = new RecentDenials();
        Parallel.For(0, RecentDenials.Capacity, i => denials.Add(Denied($"{i}", subject: null)));

        Assert.All(Enumerable.Range(0, RecentDenials.Capacity), i => Assert.NotNull(denials.Find($"{i}")));
    }

    [Fact]
    public void Of_ACallerWithALongSession_KeepsShortWordsOnly()
    {
        var denied = Refused(out var caller);
        GC.Collect();

        Assert.False(caller.TryGetTarget(out _));
        var condition = Assert.Single(denied.Conditions!);
        Assert.False(condition.Holds);
        Assert.InRange(condition.Found!.Length, 1, 300);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DeniedRequest Refused(out WeakReference<Caller> caller)
    {
        using var traits = JsonDocument.Parse($$"""{"email":"{{new string('x', 100_000)}}@elsewhere.test"}""");
        using var json = JsonDocument.Parse(
            """{"Session":"Required","Require":[{"Trait":{"Path":"email","EndsWith":"@example.org"}}]}""");
        var rule = AccessRule.Read("staff", json.RootElement, new PlacedProblems())!;
        var session = new CallerSession(
            "s", "default", AssuranceLevel.Aal1, DateTimeOffset.UnixEpoch, [], new IdentityTraits(traits.RootElement));
        var anna = new Caller("anna", "kratos", DateTimeOffset.MaxValue) { Session = session, SessionJson = new byte[100_000] };
        var context = new DefaultHttpContext();
        var policy = new RoutePolicy(rule, RouteTarget.Plain, new RouteMetrics("staff", [], durations: null));
        context.SetEndpoint(new Endpoint(null, new(policy), "staff"));
        context.Features[typeof(FailedCondition)] = new FailedCondition(rule.Require[0], new(anna, DateTimeOffset.UnixEpoch));
        caller = new(anna);
        return DeniedRequest.Of(context, Reason.TraitMismatch, DateTimeOffset.UnixEpoch);
    }

    private static DeniedRequest Denied(string id, string? subject) =>
        new(DateTimeOffset.UnixEpoch, id, "GET", "/", 403) { Reason = Reason.NoRoute, Subject = subject };
}
