using System.Collections.Concurrent;
using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Sessions.Cache;

public sealed class SessionCacheTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Entries _entries;
    private readonly SessionCache _cache;

    public SessionCacheTests()
    {
        _entries = new(_time);
        _cache = new(new(), _time);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void TryGet_WhatWasSet_ReturnsIt()
    {
        var entry = _entries.Session("k");
        _cache.Set(entry);
        Assert.True(_cache.TryGet(Entries.Key("k"), _time.GetUtcNow().UtcTicks, out var found));
        Assert.Same(entry, found);
        Assert.False(Has("K"));
    }

    [Fact]
    public void TryGet_Hit_AllocatesNothing()
    {
        var entry = _entries.Session("k");
        _cache.Set(entry);
        var credential = Entries.Key("k");
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
        var (first, second) = (_entries.Session("a"), _entries.Session("b"));
        _cache.Set(first);
        _cache.Set(second);
        Assert.True(_cache.TryGet(Entries.Key("a"), 0, out var found));
        Assert.True(_cache.TryGet(Entries.Key("b"), 0, out var other));
        Assert.Equal((first, second), (found, other));
    }

    [Fact]
    public void TryGet_Ended_FindsNothingFromThatTickOn()
    {
        var entry = _entries.Session("k", lasts: Minute);
        var refused = _entries.Refused("r", lasts: Minute);
        _cache.Set(entry);
        _cache.Set(refused);
        Assert.All([entry, refused], e => Assert.True(_cache.TryGet(e.Key, e.StaleUntil - 1, out _)));
        Assert.All([entry, refused], e => Assert.False(_cache.TryGet(e.Key, e.StaleUntil, out _)));
    }

    [Fact]
    public void TryGet_ClockSetBackBehindTheQuestion_FindsNothing()
    {
        var asked = _time.GetUtcNow().UtcTicks;
        foreach (var verdict in new[] { Entries.Verdict("s", "i"), SessionVerdict.Invalid })
        {
            var entry = new SessionEntry(Entries.Key("x"), verdict, asked, asked, long.MaxValue, long.MaxValue);
            _cache.Set(entry);
            Assert.False(_cache.TryGet(entry.Key, asked - 1, out _));
            Assert.True(_cache.TryGet(entry.Key, asked, out _));
        }
    }

    /// <summary>Nobody sees an entry before it is known not to be revoked, nor one that is.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Set_IsRevoked_IsAskedBeforeAnybodySeesTheEntry(bool isRevoked)
    {
        var entry = _entries.Session("x");
        var wasSeen = true;
        var stored = _cache.Set(entry, () =>
        {
            wasSeen = _cache.TryGet(entry.Key, _time.GetUtcNow().UtcTicks, out _);
            return isRevoked;
        });
        Assert.False(wasSeen);
        Assert.Equal(!isRevoked, stored);
        Assert.Equal(!isRevoked, _cache.TryGet(entry.Key, _time.GetUtcNow().UtcTicks, out _));
    }

    [Fact]
    public void Set_AlreadyEnded_Removes()
    {
        _cache.Set(_entries.Session("k"));
        _cache.Set(_entries.Session("k", lasts: TimeSpan.Zero));
        Assert.False(Has("k"));
        Assert.Equal(0, _cache.RemoveSession("s"));
    }

    [Fact]
    public void Set_VerdictChanges_OneReplacesTheOther()
    {
        _cache.Set(_entries.Session("k"));
        var refused = _entries.Refused("k");
        _cache.Set(refused);
        Assert.True(_cache.TryGet(Entries.Key("k"), _time.GetUtcNow().UtcTicks, out var found));
        Assert.Same(refused, found);
        Assert.Equal(0, _cache.RemoveSession("s"));
        _cache.Set(_entries.Session("k"));
        Assert.Equal((1, 0), (_cache.Count, _cache.RefusedCount));
    }

    [Fact]
    public void RemoveSession_SeveralCredentials_DropsThemAndNoOthers()
    {
        _cache.Set(_entries.Session("a", "s1"));
        _cache.Set(_entries.Session("b", "s1"));
        _cache.Set(_entries.Session("c", "s2"));
        Assert.Equal(2, _cache.RemoveSession("s1"));
        Assert.Equal((false, false, true), (Has("a"), Has("b"), Has("c")));
        Assert.Equal(0, _cache.RemoveSession("s1"));
        Assert.Equal(0, _cache.RemoveSession("s3"));
    }

    [Fact]
    public void RemoveIdentity_SeveralSessions_DropsThemAndNoOthers()
    {
        _cache.Set(_entries.Session("a", "s1", "i1"));
        _cache.Set(_entries.Session("b", "s2", "i1"));
        _cache.Set(_entries.Session("c", "s3", "i2"));
        Assert.Equal(2, _cache.RemoveIdentity("i1"));
        Assert.Equal((false, false, true), (Has("a"), Has("b"), Has("c")));
    }

    [Fact]
    public void RemoveSession_EntryWasReplaced_StillFindsIt()
    {
        for (var i = 0; i < 100; i++)
            _cache.Set(_entries.Session("k"));
        Assert.Equal(1, _cache.RemoveSession("s"));
        Assert.False(Has("k"));
    }

    [Fact]
    public void RemoveSession_CredentialIsAnotherSessionsNow_LeavesIt()
    {
        _cache.Set(_entries.Session("k", "s1"));
        _cache.Set(_entries.Session("k", "s2"));
        Assert.Equal(0, _cache.RemoveSession("s1"));
        Assert.True(Has("k"));
    }

    /// <summary>
    /// Replacing keeps the first key object, so nothing of a replaced entry stays in memory but what both share.
    /// </summary>
    [Fact]
    public void Set_KeyIsKnown_SharesThePredecessorsKey()
    {
        var (first, second) = (_entries.Session("k"), _entries.Session("k"));
        _cache.Set(first);
        _cache.Set(second);
        Assert.Same(first.Key, second.Key);
    }

    [Fact]
    public void Sweep_NoTraffic_EndedOnesAreGoneWithinAMinute()
    {
        for (var i = 0; i < 1_000; i++)
            _cache.Set(_entries.Session($"{i}", $"s{i}", lasts: i < 900 ? Minute / 2 : Minute * 2));
        for (var i = 0; i < 1_000; i++)
            _cache.Set(_entries.Refused($"r{i}", lasts: TimeSpan.FromSeconds(5)));
        _time.Advance(Minute);
        Assert.Equal((100, 0), (_cache.Count, _cache.RefusedCount));
        Assert.Equal(100, _cache.RemoveIdentity("i"));
        Assert.Equal(0, _cache.RemoveSession("s0"));
    }

    [Fact]
    public void Sweep_EntryHasASuccessor_LeavesItListed()
    {
        _cache.Set(_entries.Session("k", lasts: Minute / 2));
        _cache.Set(_entries.Session("k", lasts: Minute * 5));
        _time.Advance(Minute);
        Assert.True(Has("k"));
        Assert.Equal(1, _cache.RemoveSession("s"));
    }

    [Fact]
    public void Sweep_Disposed_Rests()
    {
        _cache.Set(_entries.Session("k", lasts: Minute / 2));
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
                _cache.Set(_entries.Session(credential, $"s{i % 7}"));
                if (i % 3 == 0)
                    _cache.RemoveSession($"s{i % 7}");
            }
        }, TestContext.Current.CancellationToken)));

        _cache.RemoveIdentity("i");

        Assert.All(credentials, credential => Assert.False(Has(credential)));
    }

    private bool Has(string credential) => _cache.TryGet(Entries.Key(credential), _time.GetUtcNow().UtcTicks, out _);
}
