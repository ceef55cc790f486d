using Gateway.Sessions;

namespace Gateway.UnitTests.Sessions;

public sealed class RecentCookiesTests
{
    [Fact]
    public void Find_TheSameText_IsWhatWasRemembered()
    {
        using var recent = new RecentCookies(TimeProvider.System);
        recent.Remember("ory_kratos_session=a; b=c", Key(1), "b=c");

        var found = recent.Find(string.Concat("ory_kratos_session=a", "; b=c"));

        Assert.Equal(Key(1), found?.Key);
        Assert.Equal("b=c", found?.Others);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ory_kratos_session=b; b=c")]
    [InlineData("ory_kratos_session=a; b=c;")]
    [InlineData("Ory_kratos_session=a; b=c")]
    public void Find_AnyOtherText_IsNothing(string line)
    {
        using var recent = new RecentCookies(TimeProvider.System);
        recent.Remember("ory_kratos_session=a; b=c", Key(1), "b=c");

        Assert.Null(recent.Find(line));
    }

    [Fact]
    public void Find_TwoLinesOfOneHash_AreToldApart()
    {
        var (one, other) = SameHash();
        using var recent = new RecentCookies(TimeProvider.System);
        recent.Remember(one, Key(1), null);

        Assert.Null(recent.Find(other));
        recent.Remember(other, Key(2), null);
        Assert.Null(recent.Find(one));
        Assert.Equal(Key(2), recent.Find(other)?.Key);
    }

    [Theory]
    [InlineData('x', 1025)]
    [InlineData('ü', 10)]
    public void Remember_AnOverlongLineOrOneThatIsNotAscii_IsNotKept(char c, int length)
    {
        using var recent = new RecentCookies(TimeProvider.System);
        var line = new string(c, length);
        recent.Remember(line, Key(1), null);

        Assert.Null(recent.Find(line));
    }

    [Fact]
    public void Remember_ManyMoreThanFit_KeepsTheNewest()
    {
        using var recent = new RecentCookies(TimeProvider.System);
        for (var i = 0; i < 20_000; i++)
        {
            recent.Remember($"s={i}", Key((ulong)i), null);
            Assert.Equal(Key((ulong)i), recent.Find($"s={i}")?.Key);
        }
    }

    [Fact]
    public void Timer_AfterAMinute_ForgetsAll()
    {
        var time = new ManualTime();
        using var recent = new RecentCookies(time);
        recent.Remember("s=1", Key(1), null);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(recent.Find("s=1"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(recent.Find("s=1"));
    }

    [Fact]
    public void ToString_OfWhatIsKnown_ShowsNoCredential()
    {
        using var recent = new RecentCookies(TimeProvider.System);
        recent.Remember("ory_kratos_session=secret", Key(1), null);

        Assert.DoesNotContain("secret", $"{recent.Find("ory_kratos_session=secret")}", StringComparison.Ordinal);
    }

    private static CredentialKey Key(ulong number) => new(number, 0, 0, 0);

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
