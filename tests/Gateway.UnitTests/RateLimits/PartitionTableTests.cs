using Gateway.RateLimits;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.RateLimits;

public sealed class PartitionTableTests
{
    private const int Limit = 3;

    private static readonly RateLimitPolicy Window = new()
    {
        Type = RateLimitType.SlidingWindow,
        PartitionBy = PartitionSource.ClientAddress,
        PermitLimit = Limit,
        Window = TimeSpan.FromMinutes(1),
    };

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string> Types => [.. Enum.GetNames<RateLimitType>()];

    [Fact]
    public void Flood_OfAMillionKeys_StaysUnder64MegabytesAndForgetsNobodyWhoIsLimited()
    {
        const int Most = 100_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var table = new PartitionTable(Window, Most, _time);
        Spend(table, 7);
        var shared = 0;
        for (var key = 1_000; key < 1_001_000; key++)
        {
            if (Take(table, (UInt128)key, out var rest))
                Assert.False(rest && ++shared > Limit, "the rest shares one bucket");
            if (key % 100_000 == 0)
                table.Sweep();
        }
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(Most, table.Count);
        Assert.InRange(bytes, 1, 64 * 1024 * 1024);
        Assert.InRange(bytes / Most, 100, 400);
        Assert.False(Take(table, 7, out _));
        Assert.Equal(Limit, shared);
        TestContext.Current.SendDiagnosticMessage("{0} bytes a partition", bytes / Most);
    }

    [Fact]
    public void Sweep_WhenAllPermitsAreBack_MakesRoomForNewKeys()
    {
        var table = new PartitionTable(Window, 2, _time);
        Spend(table, 1);
        Spend(table, 2);
        table.Sweep();
        Assert.True(Take(table, 3, out var shared));
        Assert.True(shared);

        _time.Advance(TimeSpan.FromMinutes(2));
        table.Sweep();

        Assert.Equal(0, table.Count);
        Assert.True(Take(table, 3, out shared));
        Assert.False(shared);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryType_TheLimitIsTaken_NextIsRefusedAndAnotherKeyIsNot(string type)
    {
        var table = new PartitionTable(Of(Enum.Parse<RateLimitType>(type)), 100, _time);
        Spend(table, 1);
        table.Sweep();

        Assert.False(Take(table, 1, out _));
        Assert.True(Take(table, 2, out _));
    }

    /// <summary>Sweeps beside it would lose permits where a partition could be forgotten while somebody takes from it.</summary>
    [Fact]
    public void Acquire_ManyThreadsAndSweepsAtOnce_PassesExactlyTheLimit()
    {
        const int Keys = 100;
        var table = new PartitionTable(Window with { PermitLimit = 50 }, 1_000, _time);
        var passed = new int[Keys];
        Parallel.For(0, 10_000, request =>
        {
            if (request % 50 == 0)
                lock (passed)
                {
                    table.Sweep();
                }
            if (Take(table, (UInt128)(request % Keys), out _))
                Interlocked.Increment(ref passed[request % Keys]);
        });

        Assert.All(passed, count => Assert.Equal(50, count));
        Assert.Equal(Keys, table.Count);
    }

    [Fact]
    public async Task Concurrency_WithAQueue_LetsTheNextInWhenOneEnds()
    {
        var table = new PartitionTable(Of(RateLimitType.Concurrency) with { PermitLimit = 1, QueueLimit = 1 }, 100, _time);
        var first = await table.AcquireAsync(1, out _, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var second = table.AcquireAsync(1, out _, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        Assert.False(Take(table, 1, out _));

        first.Dispose();

        using var lease = await second;
        Assert.True(lease.IsAcquired);
    }

    [Fact]
    public async Task Concurrency_WhoHasWaitedLongEnough_GetsNoPermitAndLeavesThePlace()
    {
        var table = new PartitionTable(Of(RateLimitType.Concurrency) with { PermitLimit = 1, QueueLimit = 1 }, 100, _time);
        var wait = TimeSpan.FromSeconds(30);
        var first = await table.AcquireAsync(1, out _, wait, TestContext.Current.CancellationToken);
        var second = table.AcquireAsync(1, out _, wait, TestContext.Current.CancellationToken).AsTask();

        _time.Advance(wait - TimeSpan.FromMilliseconds(1));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False((await second).IsAcquired);

        var third = table.AcquireAsync(1, out _, wait, TestContext.Current.CancellationToken);
        first.Dispose();
        Assert.True((await third).IsAcquired);
    }

    [Fact]
    public async Task Concurrency_WhoeverGoesAwayWhileWaiting_IsCancelledAsBefore()
    {
        var table = new PartitionTable(Of(RateLimitType.Concurrency) with { PermitLimit = 1, QueueLimit = 1 }, 100, _time);
        using var gone = new CancellationTokenSource();
        using var first = await table.AcquireAsync(1, out _, TimeSpan.FromMinutes(1), CancellationToken.None);
        var second = table.AcquireAsync(1, out _, TimeSpan.FromMinutes(1), gone.Token).AsTask();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData(5, 5)]
    [InlineData(600, 30)]
    public void LongestWait_TheRoutesTime_AtMostHalfAMinute(int? seconds, int longest)
    {
        TimeSpan? time = seconds is { } given ? TimeSpan.FromSeconds(given) : null;
        Assert.Equal(TimeSpan.FromSeconds(longest), RouteLimits.LongestWait(time));
    }

    private static RateLimitPolicy Of(RateLimitType type) => type switch
    {
        RateLimitType.TokenBucket => new()
        {
            Type = type,
            TokenLimit = Limit,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromHours(1),
        },
        RateLimitType.Concurrency => new() { Type = type, PermitLimit = Limit },
        _ => Window with { Type = type },
    };

    private static void Spend(PartitionTable table, UInt128 key)
    {
        for (var i = 0; i < Limit; i++)
            Assert.True(Take(table, key, out _));
    }

    /// <summary>One permit that is not given back.</summary>
    private static bool Take(PartitionTable table, UInt128 key, out bool shared)
    {
        var pending = table.AcquireAsync(key, out shared, TimeSpan.Zero, CancellationToken.None);
        return pending.IsCompletedSuccessfully && pending.Result.IsAcquired;
    }
}
