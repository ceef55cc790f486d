using System.Text;
using System.Text.Json;
using CsCheck;
using Gateway.Telemetry;

namespace Gateway.UnitTests.Telemetry;

public sealed class JsonLinesTests
{
    [Fact]
    public void Members_OfEveryKind_AreOneObjectALine()
    {
        var line = new JsonLines();
        line.Time("\"time\":"u8, new DateTimeOffset(2026, 11, 21, 1, 2, 3, TimeSpan.FromHours(1)));
        line.Text("\"path\":"u8, "/a");
        line.Text("\"reason\":"u8, null);
        line.Number("\"status\":"u8, -7);
        line.End();
        line.Number("\"status\":"u8, long.MaxValue);
        line.End();

        Assert.Equal(
            "{\"time\":\"2026-11-21T00:02:03.0000000Z\",\"path\":\"/a\",\"status\":-7}\n{\"status\":9223372036854775807}\n",
            Text(line));
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("</script>")]
    [InlineData("a\r\n\0\u001b[31m\u007f")]
    [InlineData("ü – \u2028 \U0001F600")]
    [InlineData("{\"forged\":1}\n")]
    public void Text_Hostile_ComesBackAsItWasAndStaysPlainAsciiInItsLine(string text) => Assert.True(RoundTrips(text), text);

    [Fact]
    public void Text_LoneSurrogate_IsReplaced()
    {
        var line = new JsonLines();
        line.Text("\"path\":"u8, "/\ud800x");
        line.End();

        Assert.Equal("/\ufffdx", Path(Text(line)));
    }

    [Fact]
    public void Text_AnyUnicode_ComesBackAsItWas() =>
        Gen.String[Gen.Char['\0', '\ud7ff'], 0, 100].Sample(RoundTrips);

    [Fact]
    public void Text_LongerThanTheBuffer_IsWhole()
    {
        var text = new string('x', 1_000_000);

        Assert.True(RoundTrips(text));
    }

    private static bool RoundTrips(string text)
    {
        var line = new JsonLines();
        line.Text("\"path\":"u8, text);
        line.End();
        var written = Text(line);
        return Path(written) == text && written.TrimEnd('\n').All(c => c is >= ' ' and <= '~');
    }

    private static string Text(JsonLines line) => Encoding.UTF8.GetString(line.Written.Span);

    private static string? Path(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("path").GetString();
    }
}
