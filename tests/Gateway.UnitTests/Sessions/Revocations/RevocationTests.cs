using Gateway.Sessions.Revocations;

namespace Gateway.UnitTests.Sessions.Revocations;

/// <summary>The text is what replicas of other versions read, and what the database carries may come from anybody.</summary>
public sealed class RevocationTests
{
    private const string Key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    public static TheoryData<string, string, string> Texts => new()
    {
        { nameof(RevocationKind.Everything), "", "*:" },
        { nameof(RevocationKind.Nothing), "", "-:" },
        { nameof(RevocationKind.Credential), Key, $"c:{Key}" },
        { nameof(RevocationKind.Session), "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "s:6f9619ff-8b86-d011-b42d-00cf4fc964ff" },
        { nameof(RevocationKind.Identity), "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "i:6f9619ff-8b86-d011-b42d-00cf4fc964ff" },
        { nameof(RevocationKind.Session), "a:b c", "s:a:b c" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_EveryKind_IsReadAsTheSame(string kind, string id, string text)
    {
        var revocation = new Revocation(Enum.Parse<RevocationKind>(kind), id);

        Assert.Equal(text, revocation.Text);
        Assert.Equal(revocation, Revocation.Parse(text));
    }

    [Fact]
    public void Texts_Table_HasEveryKind() =>
        Assert.Equal(Enum.GetNames<RevocationKind>().Order(), Texts.Select(row => row.Data.Item1).Distinct().Order());

    [Fact]
    public void Text_EveryMaker_HasItsLetter()
    {
        Assert.Equal($"c:{Key}", Revocation.Credential(default).Text);
        Assert.Equal("s:x", Revocation.Session("x").Text);
        Assert.Equal("i:x", Revocation.Identity("x").Text);
        Assert.Equal("*:", Revocation.Everything.Text);
        Assert.Equal("-:", Revocation.Nothing.Text);
    }

    [Theory]
    [InlineData("6F9619FF-8B86-D011-B42D-00CF4FC964FF")]
    [InlineData("6f9619ff8b86d011b42d00cf4fc964ff")]
    [InlineData("{6f9619ff-8b86-d011-b42d-00cf4fc964ff}")]
    [InlineData("urn:uuid:6f9619ff-8b86-d011-b42d-00cf4fc964ff")]
    public void Text_AnyFormOfAUuid_IsKratosOwn(string id)
    {
        Assert.Equal("s:6f9619ff-8b86-d011-b42d-00cf4fc964ff", Revocation.Session(id).Text);
        Assert.Equal("i:6f9619ff-8b86-d011-b42d-00cf4fc964ff", Revocation.Identity(id).Text);
    }

    [Theory]
    [InlineData("c:")]
    [InlineData("c:x")]
    [InlineData("c:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("c:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("c:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA A")]
    [InlineData("c:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("c:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\u00e9")]
    [InlineData("s:")]
    [InlineData("i:")]
    [InlineData("s")]
    [InlineData("S:1")]
    [InlineData("Session:1")]
    [InlineData("3:1")]
    [InlineData("x:1")]
    [InlineData("*:1")]
    [InlineData("*")]
    [InlineData("-:1")]
    [InlineData(":")]
    [InlineData(":1")]
    [InlineData("")]
    public void Parse_UnknownKindOrMalformedText_Null(string text) => Assert.Null(Revocation.Parse(text));
}
