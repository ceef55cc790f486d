using System.Collections.Concurrent;
using Gateway.Decisions;
using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Sessions.Cache;

public sealed class SessionCacheTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly SessionCache _cache;

    /// <summary>Room for 100 sessions and 100 refused credentials.</summary>
    private readonly SessionCache _small;

    public SessionCacheTests() => (_cache, _small) = (new(new(), _time), new(new() { MaxEntries = 100 }, _time));

    public void Dispose()
    {
        _cache.Dispose();
        _small.Dispose();
    }

    private static CredentialKey Key(string credential) => new SessionCredential(CredentialKind.Cookie, credential).Key();

    /// <summary>An entry that lasts an hour unless told otherwise.</summary>
    private SessionEntry Entry(string credential, string session = "s", string identity = "i", TimeSpan? lasts = null) =>
        Entry(credential, new SessionVerdict(SessionOutcome.Active, new(identity, "kratos", DateTimeOffset.MaxValue) { Session = new(session, "", AssuranceLevel.Aal1, DateTimeOffset.MinValue, false, new(default)) }), lasts);

    private SessionEntry Refused(string credential, TimeSpan? lasts = null) => Entry(credential, SessionVerdict.Invalid, lasts);

    private SessionEntry Entry(string credential, SessionVerdict verdict, TimeSpan? lasts) =>
        new(Key(credential), verdict, 0, 0, 0, _time.GetUtcNow().UtcTicks + (lasts ?? TimeSpan.FromHours(1)).Ticks);

    private bool Has(SessionCache cache, string credential) => cache.TryGet(Key(credential), _time.GetUtcNow().UtcTicks, out _);

    [Fact]
    public void TryGet_WhatWasSet_ReturnsIt()
    {
        var entry = Entry("k");
        _cache.Set(entry);
        Assert.True(_cache.TryGet(Key("k"), _time.GetUtcNow().UtcTicks, out var found));
        Assert.Same(entry, found);
        Assert.False(Has(_cache, "K"));
    }

    [Fact]
    public void TryGet_Hit_AllocatesNothing()
    {
        var entry = Entry("k");
        _cache.Set(entry);
        var credential = Key("k");
        Assert.Equal(0, AllocatedBy(() => _cache.TryGet(entry.Key, 0, out _)));
        Assert.Equal(0, AllocatedBy(() => _cache.TryGet(credential, 0, out _)));
    }

    private static long AllocatedBy(Action lookUp)
    {
        lookUp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            lookUp();
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void TryGet_ByHashAfterAnotherByHash_FindsItsOwn()
    {
        var (first, second) = (Entry("a"), Entry("b"));
        _cache.Set(first);
        _cache.Set(second);
        Assert.True(_cache.TryGet(Key("a"), 0, out var found));
        Assert.True(_cache.TryGet(Key("b"), 0, out var other));
        Assert.Equal((first, second), (found, other));
    }

    [Fact]
    public void TryGet_Ended_FindsNothingFromThatTickOn()
    {
        var entry = Entry("k", lasts: Minute);
        var refused = Refused("r", lasts: Minute);
        _cache.Set(entry);
        _cache.Set(refused);
        Assert.All([entry, refused], e => Assert.True(_cache.TryGet(e.Key, e.StaleUntil - 1, out _)));
        Assert.All([entry, refused], e => Assert.False(_cache.TryGet(e.Key, e.StaleUntil, out _)));
    }

    [Fact]
    public void Set_AlreadyEnded_Removes()
    {
        _cache.Set(Entry("k"));
        _cache.Set(Entry("k", lasts: TimeSpan.Zero));
        Assert.False(Has(_cache, "k"));
        Assert.Equal(0, _cache.RemoveSession("s"));
    }

    [Fact]
    public void Set_VerdictChanges_OneReplacesTheOther()
    {
        _cache.Set(Entry("k"));
        var refused = Refused("k");
        _cache.Set(refused);
        Assert.True(_cache.TryGet(Key("k"), _time.GetUtcNow().UtcTicks, out var found));
        Assert.Same(refused, found);
        Assert.Equal(0, _cache.RemoveSession("s"));
        _cache.Set(Entry("k"));
        Assert.Equal((1, 0), (_cache.Count, _cache.RefusedCount));
    }

    [Fact]
    public void RemoveSession_SeveralCredentials_DropsThemAndNoOthers()
    {
        _cache.Set(Entry("a", "s1"));
        _cache.Set(Entry("b", "s1"));
        _cache.Set(Entry("c", "s2"));
        Assert.Equal(2, _cache.RemoveSession("s1"));
        Assert.Equal((false, false, true), (Has(_cache, "a"), Has(_cache, "b"), Has(_cache, "c")));
        Assert.Equal(0, _cache.RemoveSession("s1"));
        Assert.Equal(0, _cache.RemoveSession("s3"));
    }

    [Fact]
    public void RemoveIdentity_SeveralSessions_DropsThemAndNoOthers()
    {
        _cache.Set(Entry("a", "s1", "i1"));
        _cache.Set(Entry("b", "s2", "i1"));
        _cache.Set(Entry("c", "s3", "i2"));
        Assert.Equal(2, _cache.RemoveIdentity("i1"));
        Assert.Equal((false, false, true), (Has(_cache, "a"), Has(_cache, "b"), Has(_cache, "c")));
    }

    [Fact]
    public void RemoveSession_EntryWasReplaced_StillFindsIt()
    {
        for (var i = 0; i < 100; i++) _cache.Set(Entry("k"));
        Assert.Equal(1, _cache.RemoveSession("s"));
        Assert.False(Has(_cache, "k"));
    }

    [Fact]
    public void RemoveSession_CredentialIsAnotherSessionsNow_LeavesIt()
    {
        _cache.Set(Entry("k", "s1"));
        _cache.Set(Entry("k", "s2"));
        Assert.Equal(0, _cache.RemoveSession("s1"));
        Assert.True(Has(_cache, "k"));
    }

    [Fact]
    public void Set_RefusedFlood_LeavesSessionsAlone()
    {
        for (var i = 0; i < 50; i++) _small.Set(Entry($"s{i}", $"s{i}"));
        for (var i = 0; i < 10_000; i++) _small.Set(Refused($"r{i}"));
        Assert.Equal(50, _small.Count);
        Assert.InRange(_small.RefusedCount, 95, 100);
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(Has(_small, $"s{i}")));
    }

    [Fact]
    public void Set_RefusedLimit_ATenth()
    {
        using var cache = new SessionCache(new() { MaxEntries = 3_000 }, _time);
        for (var i = 0; i < 1_000; i++) cache.Set(Refused($"r{i}"));
        Assert.InRange(cache.RefusedCount, 285, 300);
    }

    [Fact]
    public void Set_MoreThanFit_StaysNearlyFullAndTakesTheNewOne()
    {
        for (var i = 0; i < 5_000; i++)
        {
            _small.Set(Entry($"{i}", $"{i}"));
            Assert.True(Has(_small, $"{i}"));
        }
        var count = _small.Count;
        Assert.InRange(count, 95, 100);
        Assert.Equal(count, Enumerable.Range(0, 5_000).Sum(i => _small.RemoveSession($"{i}")));
        Assert.Equal((0, 0), (_small.Count, _small.RemoveIdentity("i"))); // the index by identity forgot those that went as well
    }

    [Fact]
    public void Set_FullOfEndedOnes_TheyGoFirst()
    {
        for (var i = 0; i < 50; i++) _small.Set(Entry($"short{i}", lasts: Minute / 2));
        for (var i = 0; i < 50; i++) _small.Set(Entry($"long{i}"));
        _time.Advance(Minute * 3 / 4); // before the sweep
        Assert.Equal(100, _small.Count);
        for (var i = 0; i < 10; i++) _small.Set(Entry($"new{i}", lasts: Minute));
        Assert.Equal(50, Enumerable.Range(0, 50).Count(i => Has(_small, $"long{i}")));
        Assert.Equal(10, Enumerable.Range(0, 10).Count(i => Has(_small, $"new{i}")));
    }

    [Fact]
    public void Set_Full_ThoseInUseStay()
    {
        for (var i = 0; i < 100; i++) _small.Set(Entry($"{i}", lasts: TimeSpan.FromMinutes(i % 2 == 0 ? 30 : 60))); // those in use end sooner
        for (var i = 0; i < 25; i++)
        {
            for (var used = 0; used < 100; used += 2) Has(_small, $"{used}");
            _small.Set(Entry($"new{i}"));
        }
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(Has(_small, $"{2 * i}")));
    }

    [Fact]
    public void Set_Full_ThoseThatWereUnusedTheLongestGo()
    {
        for (var i = 0; i < 100; i++) _small.Set(Entry($"{i}"));
        for (var i = 0; i < 50; i++) Has(_small, $"{i}");
        for (var i = 0; i < 10; i++) _small.Set(Entry($"new{i}"));
        Assert.Equal(Enumerable.Range(0, 50).Concat(Enumerable.Range(60, 40)), Enumerable.Range(0, 100).Where(i => Has(_small, $"{i}")));
    }

    /// <summary>Replacing keeps the first key object, so nothing of a replaced entry stays in memory but what both share.</summary>
    [Fact]
    public void Set_KeyIsKnown_SharesThePredecessorsKey()
    {
        var (first, second) = (Entry("k"), Entry("k"));
        _cache.Set(first);
        _cache.Set(second);
        Assert.Same(first.Key, second.Key);
    }

    [Fact]
    public void Set_FullAndKeyIsKnown_NobodyGoes()
    {
        for (var i = 0; i < 100; i++) _small.Set(Entry($"{i}"));
        for (var i = 0; i < 100; i++) _small.Set(Entry($"{i}"));
        Assert.All(Enumerable.Range(0, 100), i => Assert.True(Has(_small, $"{i}")));
    }

    [Fact]
    public void Sweep_NoTraffic_EndedOnesAreGoneWithinAMinute()
    {
        for (var i = 0; i < 1_000; i++) _cache.Set(Entry($"{i}", $"s{i}", lasts: i < 900 ? Minute / 2 : Minute * 2));
        for (var i = 0; i < 1_000; i++) _cache.Set(Refused($"r{i}", lasts: TimeSpan.FromSeconds(5)));
        _time.Advance(Minute);
        Assert.Equal((100, 0), (_cache.Count, _cache.RefusedCount));
        Assert.Equal(100, _cache.RemoveIdentity("i"));
        Assert.Equal(0, _cache.RemoveSession("s0"));
    }

    [Fact]
    public void Sweep_EntryHasASuccessor_LeavesItListed()
    {
        _cache.Set(Entry("k", lasts: Minute / 2));
        _cache.Set(Entry("k", lasts: Minute * 5));
        _time.Advance(Minute);
        Assert.True(Has(_cache, "k"));
        Assert.Equal(1, _cache.RemoveSession("s"));
    }

    [Fact]
    public void Sweep_Disposed_Rests()
    {
        _cache.Set(Entry("k", lasts: Minute / 2));
        _cache.Dispose();
        _time.Advance(Minute);
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public async Task Remove_FromManyThreads_NothingOfTheSessionRemains()
    {
        var credentials = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                var credential = $"{t}-{i % 50}";
                credentials.Add(credential);
                _cache.Set(Entry(credential, $"s{i % 7}"));
                if (i % 3 == 0) _cache.RemoveSession($"s{i % 7}");
            }
        }, TestContext.Current.CancellationToken)));

        _cache.RemoveIdentity("i");

        Assert.All(credentials, credential => Assert.False(Has(_cache, credential)));
    }

    /// <summary>Whatever order adding, removing, evicting and reading come in, whoever is in the cache is listed, and nobody else is.</summary>
    [Fact]
    public async Task Set_EvictingFromManyThreads_IndexesAgreeWithTheCache()
    {
        var steady = Entry("steady", "steady", "steady", TimeSpan.FromDays(1));
        _small.Set(steady);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                var number = (t * 31 + i * 7) % 90 + (i % 10 == 0 ? 90 * (t + 1) : 0);
                if (i % 5 == 0) _small.Remove(Key($"{number}"));
                else if (i % 7 == 0) _small.Set(Refused($"{number}"));
                else _small.Set(Entry($"{number}", $"s{number % 20}", $"i{number % 3}"));
                Assert.True(_small.TryGet(steady.Key, _time.GetUtcNow().UtcTicks, out var found) && ReferenceEquals(found, steady)); // nobody's coming and going hides another, and it is in use
            }
        }, TestContext.Current.CancellationToken)));

        var all = Enumerable.Range(0, 1_000).Select(i => $"{i}").ToArray();
        var sessions = _small.Count;
        Assert.Equal(sessions + _small.RefusedCount, all.Count(c => Has(_small, c)) + 1);
        Assert.Equal(sessions, Enumerable.Range(0, 20).Sum(i => _small.RemoveSession($"s{i}")) + _small.RemoveSession("steady"));
        Assert.Equal((0, 0), (_small.Count, Enumerable.Range(0, 3).Sum(i => _small.RemoveIdentity($"i{i}"))));
        Assert.Equal(_small.RefusedCount, all.Count(c => Has(_small, c)));
    }
}
