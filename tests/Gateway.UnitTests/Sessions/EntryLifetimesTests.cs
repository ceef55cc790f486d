using Gateway.Sessions;
using Gateway.Sessions.Cache;

namespace Gateway.UnitTests.Sessions;

public sealed class EntryLifetimesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 12, 0, 0, TimeSpan.FromHours(1));

    /// <summary>
    /// All in seconds: what is configured, what is left of the session, what Kratos lets it be fresh (-1: did not say).
    /// </summary>
    [Theory]
    [InlineData(40, 60, 3600, -1, 30, 40, 100)]
    [InlineData(40, 60, 3600, 20, 15, 20, 80)] // Kratos says less
    [InlineData(40, 60, 3600, 90, 30, 40, 100)] // Kratos says more
    [InlineData(40, 60, 3600, 0, 0, 0, 60)]
    [InlineData(40, 60, 70, -1, 30, 40, 70)] // the session ends while it is stale
    [InlineData(40, 60, 20, -1, 15, 20, 20)] // the session ends while it is fresh
    [InlineData(40, 60, 20, 8, 6, 8, 20)]
    [InlineData(40, 60, 0, -1, 0, 0, 0)]
    [InlineData(40, 60, -5, -1, 0, 0, 0)] // has ended
    [InlineData(40, 0, 3600, -1, 30, 40, 40)]
    [InlineData(0, 60, 3600, -1, 0, 0, 60)]
    [InlineData(0, 0, 3600, -1, 0, 0, 0)]
    public void OfSession_Times_AreTheLeastOfAll(
        int cacheDuration, int staleIfError, int left, int cacheFor, int refresh, int fresh, int stale)
    {
        var lifetimes = new EntryLifetimes(new()
        {
            CacheDuration = TimeSpan.FromSeconds(cacheDuration),
            StaleIfError = TimeSpan.FromSeconds(staleIfError),
        });

        var lifetime = lifetimes.OfSession(
            Now.AddSeconds(left), cacheFor < 0 ? null : TimeSpan.FromSeconds(cacheFor), Now);

        Assert.Equal(new(In(refresh), In(fresh), In(stale)), lifetime);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void OfRefusal_Times_AreAllTheNegativeCacheDuration(int seconds)
    {
        var lifetimes = new EntryLifetimes(new() { NegativeCacheDuration = TimeSpan.FromSeconds(seconds) });

        Assert.Equal(new(In(seconds), In(seconds), In(seconds)), lifetimes.OfRefusal(Now));
    }

    /// <summary>Fresh for 10 seconds.</summary>
    [Theory]
    [InlineData(true, 9, true, null, true)]
    [InlineData(true, 9, true, false, true)]
    [InlineData(true, 10, true, true, false)]
    [InlineData(true, 9, false, true, false)]
    [InlineData(false, 9, true, true, true)]
    [InlineData(false, 9, true, null, true)]
    [InlineData(false, 9, true, false, false)]
    [InlineData(false, 9, false, true, false)]
    [InlineData(false, 10, true, true, false)]
    public void IsUsable_Entry_WhileItIsFreshAndTrusted(bool isSession, int after, bool isTrusted, bool? isReady, bool usable) =>
        Assert.Equal(usable, EntryLifetimes.IsUsable(Entry(isSession), In(after), isTrusted, isReady));

    /// <summary>After Kratos gave no verdict, for a second: nobody waits for another call in vain.</summary>
    [Theory]
    [InlineData(10, true, true)]
    [InlineData(9, false, true)]
    [InlineData(11, true, true)]
    [InlineData(12, true, false)]
    public void IsUsable_StaleOrDoubtedEntry_UntilTheNextTry(int after, bool isTrusted, bool usable)
    {
        var entry = Entry(isSession: true);
        entry.AskAgainAt = EntryLifetimes.AskAgainAt(entry, Now.AddSeconds(11));

        Assert.Equal(usable, EntryLifetimes.IsUsable(entry, In(after), isTrusted, canRefuse: false));
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, true)]
    [InlineData(12, true)]
    public void IsDueForRefresh_Entry_FromItsTimeOn(int after, bool due) =>
        Assert.Equal(due, EntryLifetimes.IsDueForRefresh(Entry(isSession: true), In(after)));

    private static long In(int seconds) => Now.AddSeconds(seconds).UtcTicks;

    private static SessionEntry Entry(bool isSession)
    {
        var outcome = isSession ? SessionOutcome.Active : SessionOutcome.Invalid;
        return new(default, new(outcome), Now.UtcTicks, In(7), In(10), In(20));
    }
}
