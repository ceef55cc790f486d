using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Sessions.Cache;

public sealed class RecentCookiesTests : IDisposable
{
    private const string Line = "ory_kratos_session=a; b=c";

    private readonly FakeTimeProvider _time = new();
    private readonly RecentCookies _recent;

    public RecentCookiesTests() => _recent = new(new CredentialReader("ory_kratos_session"), _time);

    public void Dispose() => _recent.Dispose();

    [Fact]
    public void Find_ALineThatCameTwice_IsWhatWasRemembered()
    {
        RememberTwice(Line, Key(1));

        var found = _recent.Find(string.Concat("ory_kratos_session=a", "; b=c"));

        Assert.Equal(Key(1), found?.Key);
        Assert.Equal("b=c", found?.Others);
    }

    [Fact]
    public void Find_ALineThatCameOnce_IsNothing()
    {
        _recent.Remember(Line, Key(1));

        Assert.Null(_recent.Find(Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ory_kratos_session=b; b=c")]
    [InlineData("ory_kratos_session=a; b=c;")]
    [InlineData("Ory_kratos_session=a; b=c")]
    public void Find_AnyOtherText_IsNothing(string line)
    {
        RememberTwice(Line, Key(1));

        Assert.Null(_recent.Find(line));
    }

    [Fact]
    public void Find_TwoLinesOfOneHash_AreToldApart()
    {
        var (one, other) = SameHash();
        RememberTwice(one, Key(1));

        Assert.Null(_recent.Find(other));
        RememberTwice(other, Key(2));
        Assert.Null(_recent.Find(one));
        Assert.Equal(Key(2), _recent.Find(other)?.Key);
    }

    [Theory]
    [InlineData('x', 1025)]
    [InlineData('ü', 10)]
    public void Remember_AnOverlongLineOrOneThatIsNotAscii_IsNotKept(char c, int length)
    {
        var line = new string(c, length);
        RememberTwice(line, Key(1));

        Assert.Null(_recent.Find(line));
    }

    [Fact]
    public void Remember_AFloodOfLinesThatDoNotComeAgain_PushesNoneOut()
    {
        RememberTwice(Line, Key(1));

        for (var i = 0; i < 100_000; i++)
            _recent.Remember($"ory_kratos_session=a; x={i}", Key(1));

        Assert.NotNull(_recent.Find(Line));
    }

    [Fact]
    public void Remember_ManyMoreThanFit_KeepsTheNewest()
    {
        for (var i = 0; i < 20_000; i++)
        {
            RememberTwice($"s={i}", Key((ulong)i));
            Assert.Equal(Key((ulong)i), _recent.Find($"s={i}")?.Key);
        }
    }

    [Fact]
    public void Timer_AfterAMinute_ForgetsAll()
    {
        RememberTwice(Line, Key(1));

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(_recent.Find(Line));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_recent.Find(Line));
    }

    [Fact]
    public void ToString_OfWhatIsKnown_ShowsNoCredential()
    {
        RememberTwice("ory_kratos_session=secret", Key(1));

        Assert.DoesNotContain("secret", $"{_recent.Find("ory_kratos_session=secret")!}", StringComparison.Ordinal);
    }

    private void RememberTwice(string line, CacheKey key)
    {
        _recent.Remember(line, key);
        _recent.Remember(line, key);
    }

    private static CacheKey Key(ulong number) => new(new(number, 0, 0, 0));

    /// <summary>Two lines with the same CRC-32C, among a hundred thousand (birthday).</summary>
    private static (string One, string Other) SameHash()
    {
        var seen = new Dictionary<uint, string>();
        for (var i = 0; ; i++)
        {
            var line = $"s={i * 2654435761L:x}";
            var hash = RecentCookies.Hash(line);
            if (seen.TryGetValue(hash, out var other)) return (other, line);
            seen[hash] = line;
        }
    }
}
