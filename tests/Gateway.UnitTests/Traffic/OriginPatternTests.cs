using Gateway.Traffic.Cors;

namespace Gateway.UnitTests.Traffic;

public sealed class OriginPatternTests
{
    [Theory]
    [InlineData("https://app.example.org", "https://app.example.org")]
    [InlineData("HTTPS://App.Example.org", "https://app.example.org")]
    [InlineData("https://app.example.org:443", "https://app.example.org")]
    [InlineData("http://app.example.org:80", "http://app.example.org")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("http://[::1]:8080", "http://[::1]:8080")]
    [InlineData("http://127.0.0.1", "http://127.0.0.1")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    [InlineData("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop")]
    [InlineData("https://*.example.org", "https://a.example.org")]
    [InlineData("https://*.example.org", "https://a.b.example.org")]
    [InlineData("https://*.Example.org:8443", "https://a.example.org:8443")]
    [InlineData("https://*.bücher.example", "https://a.xn--bcher-kva.example")]
    [InlineData("http://*.localhost:3000", "http://shop.localhost:3000")]
    [InlineData("null", "null")]
    public void Allows_OriginAsBrowsersWriteIt_Passes(string pattern, string origin) => Assert.True(Read(pattern).Allows(origin));

    [Theory]
    [InlineData("https://app.example.org", "http://app.example.org")]
    [InlineData("https://app.example.org", "https://app.example.org:444")]
    [InlineData("https://app.example.org", "https://app.example.org.evil.example")]
    [InlineData("https://app.example.org", "https://app.example.org/")]
    [InlineData("https://app.example.org", "https://APP.example.org")]
    [InlineData("https://app.example.org", "null")]
    [InlineData("https://*.example.org", "https://example.org")]
    [InlineData("https://*.example.org", "https://.example.org")]
    [InlineData("https://*.example.org", "https://evilexample.org")]
    [InlineData("https://*.example.org", "https://a.example.org.evil.example")]
    [InlineData("https://*.example.org", "http://a.example.org")]
    [InlineData("https://*.example.org", "https://a.example.org:8443")]
    [InlineData("https://*.example.org:8443", "https://a.example.org")]
    [InlineData("https://*.example.org", "https://evil.example/.example.org")]
    [InlineData("https://*.example.org", "https://evil.example?.example.org")]
    [InlineData("https://*.example.org", "https://evil.example#.example.org")]
    [InlineData("https://*.example.org", "https://evil.example:80.example.org")]
    [InlineData("https://*.example.org", "https://user@a.example.org")]
    [InlineData("https://*.example.org", "https://a..example.org")]
    [InlineData("https://*.example.org", "https://a.example.org,https://evil.example")]
    [InlineData("https://*.example.org", "https://evil.example, https://a.example.org")]
    [InlineData("https://*.example.org", "null")]
    [InlineData("null", "https://null")]
    public void Allows_AnyOther_DoesNotPass(string pattern, string origin) => Assert.False(Read(pattern).Allows(origin));

    [Theory]
    [InlineData("app.example.org", "scheme")]
    [InlineData("*.example.org", "scheme")]
    [InlineData("//app.example.org", "scheme")]
    [InlineData("://app.example.org", "scheme")]
    [InlineData("", "scheme")]
    [InlineData("Null", "scheme")]
    [InlineData("https://app.example.org/", "write https://app.example.org")]
    [InlineData("https://app.example.org/page", "write https://app.example.org")]
    [InlineData("https://*.example.org/", "write https://*.example.org")]
    [InlineData("https://app.example.org?q", "write https://app.example.org")]
    [InlineData("https://app.example.org#f", "write https://app.example.org")]
    [InlineData("https://*", "first label")]
    [InlineData("https://*example.org", "first label")]
    [InlineData("https://a.*.example.org", "first label")]
    [InlineData("https://*.*.example.org", "first label")]
    [InlineData("http://localhost:*", "name each port")]
    [InlineData("https://", "no origin")]
    [InlineData("https://*.", "no origin")]
    [InlineData("https://user@app.example.org", "no origin")]
    [InlineData("https://app.example.org:99999", "no origin")]
    [InlineData("https://a..example.org", "no origin")]
    [InlineData("https://*.127.0.0.1", "no origin")]
    [InlineData("ht tps://app.example.org", "no origin")]
    [InlineData("https://app example.org", "no origin")]
    public void Parse_WhatIsNoOrigin_NamesTheCure(string text, string cure)
    {
        Assert.Null(OriginPattern.Parse(text, out var problem));
        Assert.Contains(cure, problem, StringComparison.Ordinal);
    }

    private static OriginPattern Read(string text)
    {
        var pattern = OriginPattern.Parse(text, out var problem);
        Assert.Equal("", problem);
        return pattern!;
    }
}
