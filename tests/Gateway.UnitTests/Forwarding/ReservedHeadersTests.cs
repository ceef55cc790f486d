using FsCheck;
using FsCheck.Fluent;
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

    [Theory]
    [InlineData("")]
    [InlineData("X-User")]
    [InlineData("X-User-Id2")]
    [InlineData("XUserId")]
    [InlineData("X-User Id")]
    [InlineData("Accept")]
    [InlineData("X-Forward")]
    [InlineData("X-Originals")]
    [InlineData("Tenants")]
    public void Contains_OtherName_False(string name) => Assert.False(Reserved.Contains(name));

    [Fact]
    public void Contains_AnyMixOfCaseAndSeparators_True()
    {
        var spelling = Gen.Elements("X-User-Id", "Remote.User", "tenant", "X-Real-IP", "X-Forwarded-Host")
            .SelectMany(name => Gen.Choose(0, int.MaxValue).Select(seed => Respell(name, new Random(seed))));
        Prop.ForAll(spelling.ToArbitrary(), Reserved.Contains).QuickCheckThrowOnFailure();
    }

    private static string Respell(string name, Random random) => string.Concat(name.Select(c =>
        c is '-' or '_' or '.' ? "-_."[random.Next(3)] : random.Next(2) == 0 ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)));
}
