using System.Collections.Concurrent;
using Gateway.Kratos;
using Gateway.Sessions;

namespace Gateway.UnitTests.Sessions;

public sealed class SessionCacheTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private static SessionEntry Entry(string key, string session = "s", string identity = "i") => new(
        key, new(SessionOutcome.Active, new(session, identity, "", AssuranceLevel.Aal1, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, false, default)), 0, 0, 0, 0);

    private static SessionEntry Refused(string key) => new(key, SessionVerdict.Invalid, 0, 0, 0, 0);

    [Fact]
    public void TryGet_WhatWasSet_ReturnsIt()
    {
        using var cache = new SessionCache(new());
        var entry = Entry("k");
        cache.Set(entry, Long);
        Assert.True(cache.TryGet("k", out var found));
        Assert.Same(entry, found);
        Assert.False(cache.TryGet("K", out _));
    }

    [Fact]
    public void Set_NoLifetime_Removes()
    {
        using var cache = new SessionCache(new());
        cache.Set(Entry("k"), Long);
        cache.Set(Entry("k"), TimeSpan.Zero);
        Assert.False(cache.TryGet("k", out _));
    }

    [Fact]
    public void Set_VerdictChanges_OneReplacesTheOther()
    {
        using var cache = new SessionCache(new());
        cache.Set(Entry("k"), Long);
        var refused = Refused("k");
        cache.Set(refused, Long);
        Assert.True(cache.TryGet("k", out var found));
        Assert.Same(refused, found);
        cache.Set(Entry("k"), Long);
        Assert.Equal((1, 0), (cache.Count, cache.RefusedCount));
    }

    [Fact]
    public void RemoveSession_SeveralCredentials_DropsThemAndNoOthers()
    {
        using var cache = new SessionCache(new());
        cache.Set(Entry("a", "s1"), Long);
        cache.Set(Entry("b", "s1"), Long);
        cache.Set(Entry("c", "s2"), Long);
        Assert.Equal(2, cache.RemoveSession("s1"));
        Assert.Equal((false, false, true), (cache.TryGet("a", out _), cache.TryGet("b", out _), cache.TryGet("c", out _)));
        Assert.Equal(0, cache.RemoveSession("s3"));
    }

    [Fact]
    public void RemoveIdentity_SeveralSessions_DropsThemAndNoOthers()
    {
        using var cache = new SessionCache(new());
        cache.Set(Entry("a", "s1", "i1"), Long);
        cache.Set(Entry("b", "s2", "i1"), Long);
        cache.Set(Entry("c", "s3", "i2"), Long);
        Assert.Equal(2, cache.RemoveIdentity("i1"));
        Assert.Equal((false, false, true), (cache.TryGet("a", out _), cache.TryGet("b", out _), cache.TryGet("c", out _)));
    }

    [Fact]
    public void RemoveSession_EntryWasReplaced_StillFindsIt()
    {
        using var cache = new SessionCache(new());
        for (var i = 0; i < 100; i++) cache.Set(Entry("k"), Long); // each replacement announces the eviction of the one before, later
        Assert.Equal(1, cache.RemoveSession("s"));
        Assert.False(cache.TryGet("k", out _));
    }

    [Fact]
    public void Set_RefusedFlood_LeavesSessionsAlone()
    {
        using var cache = new SessionCache(new() { MaxEntries = 100 });
        for (var i = 0; i < 50; i++) cache.Set(Entry($"s{i}", $"s{i}"), Long);
        for (var i = 0; i < 10_000; i++) cache.Set(Refused($"r{i}"), Long);
        Assert.Equal(50, cache.Count);
        Assert.InRange(cache.RefusedCount, 0, 100);
    }

    [Fact]
    public void Set_MoreThanFit_StaysBounded()
    {
        using var cache = new SessionCache(new() { MaxEntries = 100 });
        for (var i = 0; i < 5_000; i++) cache.Set(Entry($"{i}", $"{i}"), Long);
        Assert.InRange(cache.Count, 0, 100);
    }

    [Fact]
    public async Task Remove_FromManyThreads_NothingOfTheSessionRemains()
    {
        using var cache = new SessionCache(new());
        var keys = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                var key = $"{t}-{i % 50}";
                keys.Add(key);
                cache.Set(Entry(key, $"s{i % 7}", "i"), Long);
                if (i % 3 == 0) cache.RemoveSession($"s{i % 7}");
            }
        }, TestContext.Current.CancellationToken)));

        cache.RemoveIdentity("i");

        Assert.All(keys, key => Assert.False(cache.TryGet(key, out _)));
    }
}
