using Gateway.Targets;


namespace Gateway.UnitTests.Targets;

public sealed class HostPatternTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData("https://x.org", "URL")]
    [InlineData("x.org/path", "path")]
    [InlineData("x.org/", "path")]
    [InlineData("x.org:abc", "port")]
    [InlineData("x.org:", "port")]
    [InlineData("x.org:0", "port")]
    [InlineData("x.org:65536", "port")]
    [InlineData("x.org:+80", "port")]
    [InlineData("x.org:80:80", "port")]
    [InlineData("x.org:*80", "port")]
    [InlineData(":5000", "*:5000")]
    [InlineData("api.*.org", "*.example.org")]
    [InlineData("*x.org", "*.example.org")]
    [InlineData("x.*", "*.example.org")]
    [InlineData("*.*.org", "*.example.org")]
    [InlineData("**", "*.example.org")]
    [InlineData("*.", "empty label")]
    [InlineData("*..org", "empty label")]
    [InlineData(".x.org", "empty label")]
    [InlineData("x..org", "empty label")]
    [InlineData("x.org.", "ends in a dot")]
    [InlineData("*.x.org.:80", "ends in a dot")]
    [InlineData("x org", "space")]
    [InlineData(" x.org", "space")]
    [InlineData("x.org\t", "space")]
    [InlineData("a.org,b.org", "no host name")]
    [InlineData("a@b.org", "no host name")]
    [InlineData("a%2eb.org", "no host name")]
    [InlineData("{host}.org", "no host name")]
    [InlineData("xn--", "no host name")]
    [InlineData("xn--a.org", "no host name")]
    [InlineData("bü@cher.org", "no host name")]
    [InlineData("[::1", "IPv6")]
    [InlineData("[zz]", "IPv6")]
    [InlineData("[1.2.3.4]", "IPv6")]
    [InlineData("[::1]x", "port")]
    [InlineData("::1", "[::1]")]
    public void TryParse_WhatIsNoHost_SaysWhatIsWrongAndTheCure(string text, string told)
    {
        Assert.False(HostPattern.TryParse(text, out var pattern, out var problem));
        Assert.Null(pattern);
        Assert.Contains(told, problem, StringComparison.Ordinal);
        Assert.Equal(problem, HostPattern.Problem(text));
    }

    [Theory]
    [InlineData("x.org", "x.org")]
    [InlineData("X.Org:5000", "x.org:5000")]
    [InlineData("x.org:*", "x.org")]
    [InlineData("*", "*")]
    [InlineData("*:*", "*")]
    [InlineData("*:5000", "*:5000")]
    [InlineData("*.X.org:80", "*.x.org:80")]
    [InlineData("*.org", "*.org")]
    [InlineData("localhost", "localhost")]
    [InlineData("a_b.x-y.org", "a_b.x-y.org")]
    [InlineData("127.0.0.1:80", "127.0.0.1:80")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("[0:0:0:0:0:0:0:1]:5000", "[::1]:5000")]
    [InlineData("[FE80::A]", "[fe80::a]")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("BÜCHER.Example", "xn--bcher-kva.example")]
    [InlineData("*.bücher.example:80", "*.xn--bcher-kva.example:80")]
    [InlineData("XN--BCHER-KVA.example", "xn--bcher-kva.example")]
    [InlineData("日本.example", "xn--wgv71a.example")]
    public void TryParse_AHost_IsHeldInOneSpelling(string text, string expected)
    {
        Assert.True(HostPattern.TryParse(text, out var pattern, out _));
        Assert.Equal(expected, pattern.ToString());
        Assert.True(HostPattern.TryParse(expected, out var again, out _));
        Assert.Equal(pattern, again);
    }

    [Theory]
    [InlineData("*.example.org", "a.example.org", 80, true)]
    [InlineData("*.example.org", "a.b.example.org", 80, true)]
    [InlineData("*.example.org", "A.EXAMPLE.ORG", 80, true)]
    [InlineData("*.example.org", "example.org", 80, false)]
    [InlineData("*.example.org", ".example.org", 80, false)]
    [InlineData("*.example.org", "badexample.org", 80, false)]
    [InlineData("*.example.org", "a.example.org.test", 80, false)]
    [InlineData("example.org", "Example.Org", 80, true)]
    [InlineData("example.org", "a.example.org", 80, false)]
    [InlineData("example.org:5000", "example.org", 5000, true)]
    [InlineData("example.org:5000", "example.org", 80, false)]
    [InlineData("*:5000", "[::1]", 5000, true)]
    [InlineData("*", "", 80, true)]
    [InlineData("[::1]", "[::1]", 80, true)]
    public void Covers_AHost_GoesByWholeLabelsAndThePort(string text, string name, int port, bool expected)
    {
        Assert.True(HostPattern.TryParse(text, out var pattern, out _));
        Assert.Equal(expected, pattern.Covers(name, port));
    }

    [Fact]
    public void Specificity_OfPatternsThatCoverOneRequest_FallsFromExactToAny()
    {
        string[] order = ["a.b.org:80", "a.b.org", "*.b.org:80", "*.b.org", "*.org:80", "*.org", "*:80", "*"];

        int[] specificities =
            [.. order.Select(text => HostPattern.TryParse(text, out var pattern, out _) ? pattern.Specificity : -1)];

        Assert.Equal(specificities.OrderDescending(), specificities);
        Assert.Equal(order.Length, specificities.Distinct().Count());
    }
}
