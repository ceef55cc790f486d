using Gateway.Access;
using Gateway.Decisions;

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

    private static DeniedRequest Denied(string id, string? subject) =>
        new(DateTimeOffset.UnixEpoch, id, "GET", "/", 403) { Reason = Reason.NoRoute, Subject = subject };
}
