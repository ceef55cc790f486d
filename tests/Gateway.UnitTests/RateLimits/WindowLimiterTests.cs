using System.Threading.RateLimiting;
using CsCheck;
using Gateway.RateLimits;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.RateLimits;

public sealed class WindowLimiterTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void FixedWindow_Full_TellsWhenItEndsAndBeginsWithTheNextRequest()
    {
        using var limiter = new WindowLimiter(3, Minute, 1, _time);
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(_ => Acquire(limiter).Remaining));

        _time.Advance(TimeSpan.FromSeconds(20));
        var refused = Acquire(limiter);
        Assert.False(refused.IsAcquired);
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(40), wait);

        _time.Advance(wait - TimeSpan.FromMilliseconds(1));
        Assert.False(Acquire(limiter).IsAcquired);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(Minute, Acquire(limiter).Reset);
    }

    [Fact]
    public void SlidingWindow_AfterASegment_GivesBackWhatHasLeftTheWindow()
    {
        using var limiter = new WindowLimiter(6, Minute, 6, _time);
        Assert.True(Acquire(limiter).IsAcquired);
        Assert.True(Acquire(limiter).IsAcquired);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(4, Enumerable.Range(0, 9).Count(_ => Acquire(limiter).IsAcquired));
        Assert.Equal(TimeSpan.FromSeconds(30), Acquire(limiter).Reset);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(2, Enumerable.Range(0, 9).Count(_ => Acquire(limiter).IsAcquired));
        Assert.Equal(TimeSpan.FromSeconds(30), Acquire(limiter).Reset);
    }

    /// <summary>The framework's moves one segment for each call, however long it was left alone.</summary>
    [Fact]
    public void SlidingWindow_LeftAloneForAWindow_IsWholeAgain()
    {
        using var limiter = new WindowLimiter(6, Minute, 6, _time);
        while (Acquire(limiter).IsAcquired)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Null(limiter.IdleDuration);

        _time.Advance(Minute);

        Assert.NotNull(limiter.IdleDuration);
        Assert.Equal(6, Enumerable.Range(0, 9).Count(_ => Acquire(limiter).IsAcquired));
    }

    /// <summary>Whatever the pace: in no window of the algorithm, less the segment it moves by, more than the limit.</summary>
    [Fact]
    public void AnyWindow_AnyPace_NeverPassesMoreThanTheLimit() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 10], Gen.Int[1, 9_000].Array[1, 200]).Sample((limit, segments, pauses) =>
        {
            var time = new FakeTimeProvider();
            using var limiter = new WindowLimiter(limit, Minute, segments, time);
            var passed = new List<DateTimeOffset>();
            foreach (var pause in pauses)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                if (Acquire(limiter).IsAcquired)
                    passed.Add(time.GetUtcNow());
            }
            var sure = Minute * (segments - 1) / segments;
            return passed.All(start => passed.Count(at => at >= start && at < start + sure) <= limit);
        });

    private static WindowLease Acquire(WindowLimiter limiter) => (WindowLease)limiter.AttemptAcquire();
}
