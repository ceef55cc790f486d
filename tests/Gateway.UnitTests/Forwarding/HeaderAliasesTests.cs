using FsCheck;
using FsCheck.Fluent;
using Gateway.Forwarding;

namespace Gateway.UnitTests.Forwarding;

public sealed class HeaderAliasesTests
{
    [Fact]
    public void Comparer_EqualNames_HaveEqualHashes() =>
        Prop.ForAll<NonNull<string>, NonNull<string>>((a, b) =>
            !HeaderAliases.Comparer.Equals(a.Get, b.Get) || HeaderAliases.Comparer.GetHashCode(a.Get) == HeaderAliases.Comparer.GetHashCode(b.Get)).QuickCheckThrowOnFailure();

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
    public void Comparer_Names_EqualAsServicesReadThem(string a, string b, bool equal) => Assert.Equal(equal, HeaderAliases.Comparer.Equals(a, b));

    [Theory]
    [InlineData("X-A_b.9", true)]
    [InlineData("", false)]
    [InlineData("X A", false)]
    [InlineData("X:A", false)]
    [InlineData("Xé", false)]
    public void IsHeaderName_Text_OnlyPlainNames(string name, bool expected) => Assert.Equal(expected, HeaderAliases.IsHeaderName(name));
}
