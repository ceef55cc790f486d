using CsCheck;
using Gateway.Forwarding;

namespace Gateway.UnitTests.Forwarding;

public sealed class ReservedHeadersTests
{
    private static readonly ReservedHeaders Reserved = new(["X-User-Id", "Remote.User", "tenant"]);

    [Theory]
    [InlineData("X-User-Id")]
    [InlineData("x_user.ID")]
    [InlineData("Remote-User")]
    [InlineData("REMOTE_USER")]
    [InlineData("Tenant")]
    [InlineData("X-Forwarded-Anything")]
    [InlineData("x_forwarded_for")]
    [InlineData("X.Original.URL")]
    [InlineData("Forwarded")]
    [InlineData("true_client_ip")]
    [InlineData("X-Request-Id")]
    public void Contains_ReservedNameInAnySpelling_True(string name) => Assert.True(Reserved.Contains(name));

    /// <summary>RFC 9110 section 5.6.2: what else than letters and digits may stand in a name.</summary>
    public static TheoryData<char> Separators => new("!#$%&'*+-.^_`|~");

    [Theory]
    [MemberData(nameof(Separators))]
    public void Contains_ReservedNameWithAnySeparator_True(char separator)
    {
        string[] names =
        [
            .. HeaderAliases.ForwardingNames,
            "X-User-Id", "Remote.User", "X-Forwarded-For", "X-Forwarded-Client-Cert", "X-Original-URL", "X-Original-Method",
        ];
        foreach (var name in names)
        {
            var spelled = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : separator));
            Assert.True(Reserved.Contains(spelled), spelled);
            Assert.True(Reserved.Contains(spelled.ToUpperInvariant()), spelled);
        }
    }

    /// <summary>A CGI server makes one <c>_</c> of each, so these are other variables: <c>HTTP_X__USER_ID</c> …</summary>
    [Theory]
    [MemberData(nameof(Separators))]
    public void Contains_SeparatorTooManyOrTooFew_False(char separator)
    {
        string[] names =
        [
            $"X{separator}{separator}User-Id", $"{separator}X-User-Id", $"X-User-Id{separator}",
            $"X-User{separator}{separator}Id", $"Ten{separator}ant", $"XUser{separator}Id",
        ];
        foreach (var name in names)
            Assert.False(Reserved.Contains(name), name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X-User")]
    [InlineData("X-User-Id2")]
    [InlineData("XUserId")]
    [InlineData("Accept")]
    [InlineData("X-Forward")]
    [InlineData("X-Originals")]
    [InlineData("Tenants")]
    public void Contains_OtherName_False(string name) => Assert.False(Reserved.Contains(name));

    [Theory]
    [InlineData("X-Consumer-Id", true)]
    [InlineData("x_consumer_", true)]
    [InlineData("X-Consumer", false)]
    [InlineData("X-Consumers", false)]
    [InlineData("Gone", true)]
    [InlineData("Goner", false)]
    [InlineData("X-Kept", false)]
    [InlineData("X_Kept", true)]
    [InlineData("X-Consumer-Kept", false)]
    [InlineData("X-Consumer_Kept", true)]
    [InlineData("X-Consumer-Open-A", false)]
    [InlineData("X_Consumer_Open_A", true)]
    [InlineData("X-Tenant", false)]
    [InlineData("x-tenant", false)]
    [InlineData("X_Tenant", true)]
    [InlineData("X-User-Id", true)] // the gateway's own, whatever is kept or matched on
    [InlineData("X-Forwarded-For", true)]
    [InlineData("Ab", true)]
    [InlineData("A", false)]
    [InlineData("Abc", true)]
    public void Contains_RemovedKeptAndMatchedNames_AsTheySay(string name, bool removed)
    {
        var reserved = new ReservedHeaders(["X-User-Id"], new(
            ["X-Consumer-*", "Gone", "X-Kept", "Ab*"],
            ["X-Kept", "X-Consumer-Kept", "X-Consumer-Open-*", "X-User-Id"],
            ["X-Tenant", "X-User-Id", "X-Forwarded-For"]));

        Assert.Equal(removed, reserved.Contains(name));
    }

    /// <summary>However long a name is.</summary>
    [Fact]
    public void Contains_PrefixAndAnyRest_True()
    {
        var reserved = new ReservedHeaders([], new(BelievedHeaders.Default, [], []));
        var prefix = Gen.OneOf([.. BelievedHeaders.Default.Where(name => name.EndsWith('*'))]).Select(name => name[..^1]);
        Gen.Select(prefix, Gen.String[Gen.Char['a', 'z'], 0, 90], Gen.Int.NonNegative)
            .Sample((start, rest, seed) => reserved.Contains(Respell(start + rest, new Random(seed))));
    }

    [Fact]
    public void Contains_AnyMixOfCaseAndSeparators_True()
    {
        var name = Gen.OneOf("X-User-Id", "Remote.User", "tenant", "X-Real-IP", "X-Forwarded-Host");
        Gen.Select(name, Gen.Int.NonNegative, (name, seed) => Respell(name, new Random(seed))).Sample(Reserved.Contains);
    }

    private static string Respell(string name, Random random)
    {
        const string Separators = "!#$%&'*+-.^_`|~";
        return string.Concat(name.Select(Respelled));

        char Respelled(char c)
        {
            if (!char.IsAsciiLetterOrDigit(c)) return Separators[random.Next(Separators.Length)];
            return random.Next(2) == 0 ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
        }
    }
}
