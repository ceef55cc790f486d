using System.Net;
using Gateway.Kratos;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Kratos;

/// <summary>16 calls at once, 2 of them for known credentials only; one waits for a second.</summary>
public sealed class CallQueueTests
{
    private static readonly CallOrigin Known = new(IPAddress.Loopback, IsKnown: true);

    private readonly FakeTimeProvider _time = new();
    private readonly CallQueue _queue;

    public CallQueueTests() => _queue = new(new() { MaxConcurrentCalls = 16 }, _time);

    [Fact]
    public async Task Enter_MoreThanAtOnce_WaitForOneToLeave()
    {
        var running = Enter(Known, 16);
        var next = _queue.EnterAsync(Known).AsTask();

        Assert.All(running, r => Assert.True(r.IsCompletedSuccessfully && r.Result));
        Assert.False(next.IsCompleted);
        Assert.Equal(1, _queue.Waiting);
        _queue.Leave(Known);
        Assert.True(await next);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public void Enter_Strangers_LeaveAnEighthToTheKnown()
    {
        var running = Enter(From("10.0.0.1"), 20);

        Assert.Equal(14, running.Count(r => r.IsCompleted));
        Assert.All(Enter(Known, 2), r => Assert.True(r.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task Leave_KnownAndStrangersWait_TheKnownGoFirst()
    {
        Enter(From("10.0.0.1"), 14);
        Enter(Known, 2);
        var stranger = _queue.EnterAsync(From("10.0.0.1")).AsTask();
        var known = _queue.EnterAsync(Known).AsTask();

        _queue.Leave(From("10.0.0.1"));

        Assert.True(await known);
        Assert.False(stranger.IsCompleted);
    }

    /// <summary>Of one address, or with no other left to make room.</summary>
    [Fact]
    public async Task Leave_LikelyOnesWait_TheyGoBeforeOtherStrangersAndPushThemOut()
    {
        var likely = From("10.0.0.1") with { IsLikely = true };
        Enter(From("10.0.0.1"), 14);
        var flood = Enter(From("10.0.0.1"), 64);
        var newcomers = Enter(likely, 3);

        Assert.All(await Task.WhenAll(flood[..3]), Assert.False);
        for (var i = 0; i < 3; i++)
            _queue.Leave(From("10.0.0.1"));
        Assert.All(await Task.WhenAll(newcomers), Assert.True);
        Assert.All(flood[3..], w => Assert.False(w.IsCompleted));
        Assert.False((await Task.WhenAll(Enter(likely, 100)[64..]))[0]);
    }

    [Theory]
    [InlineData("10.0.0.2", true)]
    [InlineData("::ffff:10.0.0.2", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("2001:db8::1", true)]
    public async Task Leave_AFloodOfOneAddressWaits_AnotherAddressIsNext(string address, bool isNext)
    {
        var flood = Enter(From("10.0.0.1"), 14 + 50);
        var other = _queue.EnterAsync(From(address)).AsTask();

        _queue.Leave(From("10.0.0.1"));
        _queue.Leave(From("10.0.0.1"));

        Assert.True(await flood[14]);
        Assert.True(await (isNext ? other : flood[15]));
        Assert.Equal(isNext, other.IsCompleted);
        Assert.Equal(!isNext, flood[15].IsCompleted);
    }

    [Fact]
    public async Task Leave_ManyAddressesWait_TheyTakeTurns()
    {
        Enter(From("10.0.0.1"), 14);
        var lines = Enumerable.Range(1, 5).Select(i => Enter(From($"10.0.1.{i}"), 3)).ToArray();

        for (var turn = 1; turn <= 3; turn++)
        {
            for (var i = 0; i < lines.Length; i++)
                _queue.Leave(From("10.0.0.1"));
            await Task.WhenAll(lines.Select(line => line[turn - 1]));
            Assert.All(lines, line => Assert.Equal(turn, line.Count(w => w.IsCompleted)));
        }
    }

    [Fact]
    public async Task Enter_OfTwoAddressesInOneNetworkOfIPv6_OneLine()
    {
        Enter(From("10.0.0.1"), 14);
        var line = Enter(From("2001:db8:1:2::1"), 5);
        var same = _queue.EnterAsync(From("2001:db8:1:2:ffff::2")).AsTask();
        var other = _queue.EnterAsync(From("2001:db8:1:3::1")).AsTask();

        _queue.Leave(From("10.0.0.1"));
        _queue.Leave(From("10.0.0.1"));

        Assert.True(await line[0]);
        Assert.True(await other);
        Assert.False(same.IsCompleted);
        Assert.Equal(1, line.Count(w => w.IsCompleted));
    }

    [Fact]
    public async Task Enter_TooManyWait_TheLongestLineLosesItsOldestAndNobodyElse()
    {
        Enter(From("10.0.0.1"), 14);
        var flood = Enter(From("10.0.0.1"), 100);
        var few = Enter(From("10.0.0.2"), 3);

        Assert.Equal(64, _queue.Waiting);
        Assert.All(await Task.WhenAll(flood[..3]), Assert.False); // for the others
        Assert.All(await Task.WhenAll(flood[64..]), Assert.False); // came when all places were taken
        Assert.All(flood[3..64], w => Assert.False(w.IsCompleted));
        Assert.All(few, w => Assert.False(w.IsCompleted));
        for (var i = 0; i < 6; i++)
            _queue.Leave(From("10.0.0.1"));
        Assert.All(await Task.WhenAll(few), Assert.True);
    }

    [Fact]
    public async Task Enter_NobodyLeaves_GivesUpAfterHalfTheTimeout()
    {
        Enter(From("10.0.0.1"), 14);
        Enter(Known, 2);
        var waiting = new[] { _queue.EnterAsync(From("10.0.0.1")).AsTask(), _queue.EnterAsync(Known).AsTask() };

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.All(await Task.WhenAll(waiting), Assert.False);
        Assert.Equal(0, _queue.Waiting);
        _queue.Leave(Known);
        _queue.Leave(From("10.0.0.1"));
        Assert.All(Enter(Known, 2), r => Assert.True(r.IsCompletedSuccessfully));
    }

    /// <summary>Whatever order they come, go and give up in, no place is lost or given twice.</summary>
    [Fact]
    public async Task Enter_FromManyThreads_NeverMoreThanMayAndNoPlaceIsLost()
    {
        var options = new KratosOptions { MaxConcurrentCalls = 16, Timeout = TimeSpan.FromMilliseconds(100) };
        var queue = new CallQueue(options, TimeProvider.System);
        var (running, most, served) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () =>
        {
            var origin = new CallOrigin(IPAddress.Parse($"10.0.0.{i % 8}"), IsKnown: i % 4 == 0);
            for (var n = 0; n < 200; n++)
            {
                if (!await queue.EnterAsync(origin)) continue;
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref running);
                Interlocked.Increment(ref served);
                queue.Leave(origin);
            }
        })));
        Assert.InRange(most, 1, 16);
        Assert.InRange(served, 1, 64 * 200);
        Assert.Equal(0, queue.Waiting);
        var all = Enumerable.Range(0, 16).Select(_ => queue.EnterAsync(Known)).ToArray();
        Assert.All(all, r => Assert.True(r.IsCompletedSuccessfully && r.Result));
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = most; now > seen; seen = most)
            Interlocked.CompareExchange(ref most, now, seen);
    }

    private static CallOrigin From(string address) => new(IPAddress.Parse(address), IsKnown: false);

    private Task<bool>[] Enter(CallOrigin origin, int times) =>
        [.. Enumerable.Range(0, times).Select(_ => _queue.EnterAsync(origin).AsTask())];
}
