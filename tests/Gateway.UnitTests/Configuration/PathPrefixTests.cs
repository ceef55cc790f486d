using Gateway.Configuration;

namespace Gateway.UnitTests.Configuration;

public sealed class PathPrefixTests
{
    [Theory]
    [InlineData("/a", "/a", true)]
    [InlineData("/a", "/A/b", true)]
    [InlineData("/a", "/a?x", true)]
    [InlineData("/a", "/ab", false)]
    [InlineData("/a", "/", false)]
    [InlineData("/a", "/a%2fb", false)]
    [InlineData("/a", "/a;b", false)]
    public void Covers_Target_OnASegmentBorder(string prefix, string target, bool covered) =>
        Assert.Equal(covered, PathPrefix.Covers(prefix, target));
}
