using System.Text;
using CsCheck;
using Gateway.Configuration;

namespace Gateway.UnitTests.Configuration;

public sealed class YamlFileTests
{
    private static Dictionary<string, string?> Read(string yaml) => YamlFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(yaml)));

    [Theory]
    [InlineData("a: { b: c }", "a:b", "c")]
    [InlineData("a: [ x, { y: z } ]", "a:1:y", "z")]
    [InlineData("a: 5", "a", "5")]
    [InlineData("a: true", "a", "true")]
    [InlineData("a: \"\"", "a", "")]
    [InlineData("a: \"null\"", "a", "null")]
    [InlineData("a:", "a", null)]
    [InlineData("a: ~", "a", null)]
    [InlineData("a: null", "a", null)]
    [InlineData("a: {}", "a", null)]
    [InlineData("a: []", "a", null)]
    [InlineData("a: 00:00:30", "a", "00:00:30")]
    [InlineData("a: |\n  x\n  y", "a", "x\ny")]
    [InlineData("a: &x 1\nb: *x", "b", "1")]
    [InlineData("\ufeffa: b", "a", "b")]
    [InlineData("A: b", "a", "b")]
    public void Read_Document_FlatKeys(string yaml, string key, string? value) => Assert.Equal(value, Read(yaml)[key]);

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("~")]
    [InlineData("{}")]
    [InlineData("---\n...")]
    public void Read_Nothing_Empty(string yaml) => Assert.Empty(Read(yaml));

    [Theory]
    [InlineData("- a")]
    [InlineData("text")]
    [InlineData("a: [")]
    [InlineData("a: {")]
    [InlineData("a: { b: c\nd:\n  e: f")]
    [InlineData("a: b\na: c")]
    [InlineData("a: b\nA: c")]
    [InlineData("a: { b: c }\n\"a:b\": d")]
    [InlineData("a: b\n---\nc: d")]
    [InlineData("a: b: c")]
    [InlineData("? [x]\n: y")]
    [InlineData("'': x")]
    [InlineData("a: *unknown")]
    public void Read_NotOneMap_SaysSo(string yaml) => Assert.NotEmpty(Assert.Throws<FormatException>(() => Read(yaml)).Message);

    [Fact]
    public void Read_AnyText_ReadsOrRefuses()
    {
        string[] pieces =
        [
            "a", ":", " ", "\n", "\n  ", "{", "}", "[", "]", "-", ",", "\"", "'", "&x", "*x", "|", ">", "#", "!", "%", "@", "`",
            "?", "~", "\t",
        ];
        Gen.OneOf(pieces).Array.Select(string.Concat).Sample(
            yaml =>
            {
                try
                {
                    Read(yaml);
                }
                catch (FormatException)
                {
                    // a refusal in words
                }
            },
            iter: 2000);
    }
}
