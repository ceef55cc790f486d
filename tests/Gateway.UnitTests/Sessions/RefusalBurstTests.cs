using Gateway.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Sessions;

public sealed class RefusalBurstTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RefusalBurst _burst;

    public RefusalBurstTests() => _burst = new(_time);

    /// <summary>So many of so many identities are refused within a moment; so many of them are believed.</summary>
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(2, 20, 1)]
    [InlineData(2, 21, 2)]
    [InlineData(9, 100, 9)]
    [InlineData(10, 100, 9)]
    [InlineData(19, 1000, 19)]
    [InlineData(20, 1000, 19)]
    [InlineData(5000, 100_000, 19)]
    public void Believes_ManyAtOnce_FewerThanTwentyAndATenth(int refused, int all, int believed)
    {
        var good = all;
        for (var i = 0; i < refused; i++)
        {
            if (_burst.Believes($"{i}", good))
            {
                good--; // and so leave the cache
                believed--;
            }
        }
        Assert.Equal(0, believed);
    }

    [Fact]
    public void Believes_OnePersonsManySessions_CountOnce() =>
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(_burst.Believes("one", 50)));

    [Fact]
    public void Believes_SlowlyOneAfterTheOther_All()
    {
        for (var i = 0; i < 200; i++)
        {
            Assert.True(_burst.Believes($"{i}", 1000));
            _time.Advance(TimeSpan.FromMilliseconds(275)); // 19 in five seconds
        }
        Assert.False(_burst.IsOn);
    }

    [Fact]
    public void Believes_ABurstThatGoesOn_NobodyElseUntilItIsOver()
    {
        var believed = 0;
        for (var i = 0; i < 1000; i++)
        {
            believed += _burst.Believes($"{i}", 10_000) ? 1 : 0;
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }
        Assert.Equal(19, believed);
        Assert.True(_burst.IsOn);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(_burst.IsOn);
        Assert.True(_burst.Believes("later", 10_000));
    }
}
