using Gateway.Configuration;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Configuration;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", "00:00:00.2500000")]
    [InlineData("30s", "00:00:30")]
    [InlineData("5m", "00:05:00")]
    [InlineData("1h", "01:00:00")]
    [InlineData("1d", "1.00:00:00")]
    [InlineData("0s", "00:00:00")]
    [InlineData("90m", "01:30:00")]
    [InlineData("00:00:02", "00:00:02")]
    [InlineData("00:00:00.5", "00:00:00.5000000")]
    [InlineData("1.12:00:00", "1.12:00:00")]
    [InlineData("-00:00:01", "-00:00:01")]
    public void Parse_DurationInAnyForm_IsItsLength(string text, string expected) =>
        Assert.Equal(expected, Duration.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("0")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData(" 1s")]
    [InlineData("1 s")]
    [InlineData("1.5h")]
    [InlineData("1S")]
    [InlineData("1us")]
    [InlineData("1w")]
    [InlineData("soon")]
    [InlineData("1h30m")]
    [InlineData("99999999999999d")]
    [InlineData("99999999999999999999s")]
    [InlineData("25:61:00")]
    public void Parse_AnythingElse_IsNone(string text) => Assert.Null(Duration.Parse(text));

    [Fact]
    public void Spelled_NamedKeys_AreInTheBindersFormAndTheRestAsItWas()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["a:b:Window"] = "1m",
            ["a:b:window2"] = "1m",
            ["a:c:WINDOW"] = "soon",
            ["a:c:Period"] = "00:00:01",
        }).Build();

        var section = Duration.Spelled(
            configuration.GetSection("a"),
            key => key.Split(':')[^1].ToUpperInvariant() is "WINDOW" or "PERIOD");

        Assert.Equal("a", section.Path);
        string[] keys = ["b:Window", "b:window2", "c:WINDOW", "c:Period"];
        Assert.Equal("00:01:00 1m soon 00:00:01", string.Join(' ', keys.Select(key => section[key])));
    }
}
