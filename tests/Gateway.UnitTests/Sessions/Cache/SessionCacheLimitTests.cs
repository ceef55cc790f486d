using Gateway.Sessions.Cache;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Sessions.Cache;

/// <summary>A cache with room for 100 sessions and 100 refused credentials.</summary>
public sealed class SessionCacheLimitTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Entries _entries;
    private readonly SessionCache _cache;

    public SessionCacheLimitTests()
    {
        _entries = new(_time);
        _cache = new(new() { MaxEntries = 100 }, _time);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void Set_RefusedFlood_LeavesSessionsAlone()
    {
        for (var i = 0; i < 50; i++)
            _cache.Set(_entries.Session($"s{i}", $"s{i}"));
        for (var i = 0; i < 10_000; i++)
            _cache.Set(_entries.Refused($"r{i}"));
        Assert.Equal(50, _cache.Count);
        Assert.InRange(_cache.RefusedCount, 95, 100);
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(Has($"s{i}")));
    }

    /// <summary>Kratos reads one session from many Cookie headers: whoever has one must not fill the cache with them.</summary>
    [Fact]
    public void Set_OneSessionInManyVariants_PushesNobodyElseOut()
    {
        for (var i = 0; i < 50; i++)
            _cache.Set(_entries.Session($"s{i}", $"s{i}"));
        for (var i = 0; i < 10_000; i++)
        {
            _cache.Set(_entries.Session($"variant{i}", "one"));
            Assert.True(Has($"variant{i}"));
        }
        Assert.InRange(_cache.Count, 51, 54);
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(Has($"s{i}")));
        Assert.Equal(_cache.Count - 50, _cache.RemoveSession("one"));
    }

    [Fact]
    public void Set_RefusedLimit_ATenth()
    {
        using var cache = new SessionCache(new() { MaxEntries = 3_000 }, _time);
        for (var i = 0; i < 1_000; i++)
            cache.Set(_entries.Refused($"r{i}"));
        Assert.InRange(cache.RefusedCount, 285, 300);
    }

    [Fact]
    public void Set_MoreThanFit_StaysNearlyFullAndTakesTheNewOne()
    {
        for (var i = 0; i < 5_000; i++)
        {
            _cache.Set(_entries.Session($"{i}", $"{i}"));
            Assert.True(Has($"{i}"));
        }
        var count = _cache.Count;
        Assert.InRange(count, 95, 100);
        Assert.Equal(count, Enumerable.Range(0, 5_000).Sum(i => _cache.RemoveSession($"{i}")));
        Assert.Equal((0, 0), (_cache.Count, _cache.RemoveIdentity("i"))); // the index by identity forgot those that went as well
    }

    [Fact]
    public void Set_FullOfEndedOnes_TheyGoFirst()
    {
        for (var i = 0; i < 50; i++)
            _cache.Set(Session($"short{i}", lasts: Minute / 2));
        for (var i = 0; i < 50; i++)
            _cache.Set(Session($"long{i}"));
        _time.Advance(Minute * 3 / 4); // before the sweep
        Assert.Equal(100, _cache.Count);
        for (var i = 0; i < 10; i++)
            _cache.Set(Session($"new{i}", lasts: Minute));
        Assert.Equal(50, Enumerable.Range(0, 50).Count(i => Has($"long{i}")));
        Assert.Equal(10, Enumerable.Range(0, 10).Count(i => Has($"new{i}")));
    }

    [Fact]
    public void Set_Full_ThoseInUseStay()
    {
        for (var i = 0; i < 100; i++)
            _cache.Set(Session($"{i}", lasts: i % 2 == 0 ? Minute * 30 : Minute * 60)); // those in use end sooner
        for (var i = 0; i < 25; i++)
        {
            for (var used = 0; used < 100; used += 2)
                Has($"{used}");
            _cache.Set(Session($"new{i}"));
        }
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(Has($"{2 * i}")));
    }

    [Fact]
    public void Set_Full_ThoseThatWereUnusedTheLongestGo()
    {
        for (var i = 0; i < 100; i++)
            _cache.Set(Session($"{i}"));
        for (var i = 0; i < 50; i++)
            Has($"{i}");
        for (var i = 0; i < 10; i++)
            _cache.Set(Session($"new{i}"));
        Assert.Equal(
            Enumerable.Range(0, 50).Concat(Enumerable.Range(60, 40)),
            Enumerable.Range(0, 100).Where(i => Has($"{i}")));
    }

    [Fact]
    public void Set_FullAndKeyIsKnown_NobodyGoes()
    {
        for (var i = 0; i < 100; i++)
            _cache.Set(Session($"{i}"));
        for (var i = 0; i < 100; i++)
            _cache.Set(Session($"{i}"));
        Assert.All(Enumerable.Range(0, 100), i => Assert.True(Has($"{i}")));
    }

    /// <summary>
    /// Whatever order adding, removing, evicting and reading come in, whoever is in the cache is listed, and nobody else is.
    /// </summary>
    [Fact]
    public async Task Set_EvictingFromManyThreads_IndexesAgreeWithTheCache()
    {
        var steady = _entries.Session("steady", "steady", "steady", TimeSpan.FromDays(1));
        _cache.Set(steady);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                var number = (t * 31 + i * 7) % 90 + (i % 10 == 0 ? 90 * (t + 1) : 0);
                if (i % 5 == 0)
                    _cache.Remove(Entries.Key($"{number}"));
                else if (i % 7 == 0)
                    _cache.Set(_entries.Refused($"{number}"));
                else
                    _cache.Set(_entries.Session($"{number}", $"s{number % 20}", $"i{number % 3}"));
                // nobody's coming and going hides another, and it is in use
                Assert.True(
                    _cache.TryGet(steady.Key, _time.GetUtcNow().UtcTicks, out var found) && ReferenceEquals(found, steady));
            }
        }, TestContext.Current.CancellationToken)));

        var all = Enumerable.Range(0, 1_000).Select(i => $"{i}").ToArray();
        var sessions = _cache.Count;
        Assert.Equal(sessions + _cache.RefusedCount, all.Count(c => Has(c)) + 1);
        Assert.Equal(sessions, Enumerable.Range(0, 20).Sum(i => _cache.RemoveSession($"s{i}")) + _cache.RemoveSession("steady"));
        Assert.Equal((0, 0), (_cache.Count, Enumerable.Range(0, 3).Sum(i => _cache.RemoveIdentity($"i{i}"))));
        Assert.Equal(_cache.RefusedCount, all.Count(c => Has(c)));
    }

    private SessionEntry Session(string credential, TimeSpan? lasts = null) =>
        _entries.Session(credential, session: credential, lasts: lasts);

    private bool Has(string credential) => _cache.TryGet(Entries.Key(credential), _time.GetUtcNow().UtcTicks, out _);
}
