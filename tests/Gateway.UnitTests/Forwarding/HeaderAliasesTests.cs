using CsCheck;
using Gateway.Forwarding;

namespace Gateway.UnitTests.Forwarding;

public sealed class HeaderAliasesTests
{
    [Fact]
    public void Comparer_EqualNames_HaveEqualHashes()
    {
        // Any text, and text of so few characters that many pairs are equal.
        var name = Gen.OneOf(Gen.String, Gen.String[Gen.Char["aA-_~^1\u0011"], 0, 3]);
        Gen.Select(name, name).Sample((a, b) =>
            !HeaderAliases.Comparer.Equals(a, b)
                || HeaderAliases.Comparer.GetHashCode(a) == HeaderAliases.Comparer.GetHashCode(b));
    }

    [Theory]
    [InlineData("a-b", "A_B", true)]
    [InlineData("a-b", "a.b", true)]
    [InlineData("a-b", "a~b", true)]
    [InlineData("a!#$%&'*+-.^_`|~b", "A---------------B", true)]
    [InlineData("a^", "a~", true)] // 32 apart, as a letter's cases are
    [InlineData("a`", "a@", true)]
    [InlineData("a-1", "a-\u0011", false)] // so are digits and controls
    [InlineData("a-b", "ab", false)]
    [InlineData("a-b", "a--b", false)]
    [InlineData("a-b", "a-bc", false)]
    [InlineData("K", "\u212A", false)] // the Kelvin sign is no K
    [InlineData("i", "\u0130", false)] // nor a dotted I an i
    [InlineData("1", "\u0661", false)]
    public void Comparer_Names_EqualAsServicesReadThem(string a, string b, bool equal) =>
        Assert.Equal(equal, HeaderAliases.Comparer.Equals(a, b));

    [Theory]
    [InlineData("X-A_b.9", true)]
    [InlineData("", false)]
    [InlineData("X A", false)]
    [InlineData("X:A", false)]
    [InlineData("Xé", false)]
    public void IsHeaderName_Text_OnlyPlainNames(string name, bool expected) =>
        Assert.Equal(expected, HeaderAliases.IsHeaderName(name));
}
