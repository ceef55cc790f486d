using CsCheck;
using Gateway.Sessions.Credentials;

namespace Gateway.UnitTests.Sessions.Credentials;

public sealed class CookiePairsTests
{
    private static List<string> Pairs(string line)
    {
        var pairs = new List<string>();
        foreach (var range in new CookiePairs(line))
            pairs.Add(line[range]);
        return pairs;
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" ; ;; ", "")]
    [InlineData("a=b", "a=b")]
    [InlineData("a=b; c=d", "a=b|c=d")]
    [InlineData("a=b;c=d;", "a=b|c=d")]
    [InlineData(" \ta=b \t;\tc=d e ", "a=b|c=d e")]
    [InlineData("a; =b; c==", "a|=b|c==")]
    public void Enumeration_Line_YieldsTrimmedPairs(string line, string pairs) =>
        Assert.Equal(pairs, string.Join('|', Pairs(line)));

    [Fact]
    public void Enumeration_AnyLine_IsSplitAndTrim() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["; \t=ab"], 0, 20]).Sample(line =>
            Pairs(line).SequenceEqual(line.Split(';').Select(p => p.Trim(' ', '\t')).Where(p => p.Length > 0)));
}
