using Gateway.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Sessions;

public sealed class SingleFlightTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FakeTimeProvider _time = new();
    private readonly List<Exception> _faults = [];
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SingleFlight<string, string> _flight;
    private int _asked;

    public SingleFlightTests() => _flight = new("fault", _faults.Add, _time);

    [Fact]
    public async Task Join_ManyAtOnce_OneCallAnswersAllAndOneTakesWhatIsForOne()
    {
        var takers = 0;
        var waiters = new Task<string>[64];
        Parallel.For(0, waiters.Length, i => waiters[i] = WaitAsync(Join()));
        _answer.SetResult("yes");

        Assert.All(await Task.WhenAll(waiters), answer => Assert.Equal("yes", answer));
        Assert.Equal((1, 1), (takers, _asked));

        async Task<string> WaitAsync(SingleFlight<string, string>.Call call)
        {
            var answer = await call.WaitAsync(None);
            Interlocked.Add(ref takers, call.TryTake() ? 1 : 0);
            return answer;
        }
    }

    /// <summary>Between the look whether there is a call and the start of one.</summary>
    [Fact]
    public void Join_AnotherIsFirstByAHair_JoinsTheOthersCall()
    {
        var time = new RacingTime();
        var flight = new SingleFlight<string, string>("fault", _faults.Add, time);
        SingleFlight<string, string>.Call? others = null;
        time.Meanwhile = () => others = flight.Join("key", this, static self => self.AskAsync());

        var call = flight.Join("key", this, static self => self.AskAsync());

        Assert.Same(others, call);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task Join_AnotherKey_IsACallOfItsOwn()
    {
        var one = Join();
        var other = _flight.Join("other", this, static _ => Task.FromResult("other's"));

        Assert.NotSame(one, other);
        Assert.Equal("other's", await other.WaitAsync(None));
        _answer.SetResult("yes");
        Assert.Equal("yes", await one.WaitAsync(None));
    }

    [Fact]
    public async Task Join_AfterTheAnswer_IsANewCall()
    {
        _answer.SetResult("yes");
        await Join().WaitAsync(None);

        var second = Join();

        Assert.Equal("yes", await second.WaitAsync(None));
        Assert.Equal(2, _asked);
    }

    /// <summary>Whoever wants no older answer than a certain one compares these.</summary>
    [Fact]
    public void StartedAt_OfWhoJoinsLater_IsWhenTheCallStarted()
    {
        var before = _time.GetTimestamp();
        var first = Join();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Same(first, Join());
        Assert.Equal(before, first.StartedAt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WaitAsync_CallThatThrows_IsAnsweredAndReportedAndOver(bool atOnce)
    {
        var fault = new InvalidOperationException("nobody foresaw this");
        var call = _flight.Join("key", this, atOnce ? _ => throw fault : static self => self.AskAsync());
        var waiters = new[] { call.WaitAsync(None), call.WaitAsync(None) };
        _answer.TrySetException(fault);

        Assert.Equal(["fault", "fault"], await Task.WhenAll(waiters));
        Assert.Same(fault, Assert.Single(_faults));
        Assert.NotSame(call, Join());
    }

    [Fact]
    public async Task WaitAsync_WaitersAreAnswered_WhenTheReportThrowsToo()
    {
        var flight = new SingleFlight<string, string>("fault", _ => throw new InvalidOperationException("no log"), _time);

        var call = flight.Join("key", this, _ => throw new InvalidOperationException("no answer"));

        Assert.Equal("fault", await call.WaitAsync(None));
    }

    [Fact]
    public async Task WaitAsync_OneGivesUp_TheOthersAreAnsweredAllTheSame()
    {
        using var aborted = new CancellationTokenSource();
        var starter = Join().WaitAsync(aborted.Token);
        var waiter = Join().WaitAsync(None);

        await aborted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starter);
        Assert.False(waiter.IsCompleted);
        _answer.SetResult("yes");
        Assert.Equal("yes", await waiter);
        Assert.Equal(1, _asked);
    }

    private SingleFlight<string, string>.Call Join() =>
        _flight.Join("key", this, static self => self.AskAsync());

    private Task<string> AskAsync()
    {
        Interlocked.Increment(ref _asked);
        return _answer.Task;
    }

    private sealed class RacingTime : TimeProvider
    {
        public Action? Meanwhile { get; set; }

        public override long GetTimestamp()
        {
            var meanwhile = Meanwhile;
            Meanwhile = null;
            meanwhile?.Invoke();
            return base.GetTimestamp();
        }
    }
}
