using Gateway.Configuration;

namespace Gateway.UnitTests.Configuration;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("Timeot", ": did you mean Timeout?")]
    [InlineData("timeout", ": did you mean Timeout?")]
    [InlineData("PublicURI", ": did you mean PublicUrl?")]
    [InlineData("Zebra", ": known here are Path, PublicUrl, Timeout")]
    public void For_Name_NearestOrAll(string name, string expected) =>
        Assert.Equal(expected, Suggestion.For(name, ["Timeout", "Path", "PublicUrl"]));

    [Fact]
    public void For_NothingKnown_SaysNothing() => Assert.Equal("", Suggestion.For("x", []));
}
