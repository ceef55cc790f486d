using System.Runtime.CompilerServices;
using Gateway.Forwarding;

namespace Gateway.UnitTests.Forwarding;

public sealed class BelievedHeadersTests
{
    [Fact]
    public void Default_EveryName_IsGoodAndStandsThereOnce()
    {
        Assert.All(BelievedHeaders.Default, name => Assert.Null(BelievedHeaders.Problem(name)));
        foreach (var name in BelievedHeaders.Default)
            Assert.Single(BelievedHeaders.Default, pattern => BelievedHeaders.Covers(pattern, name.TrimEnd('*')));
    }

    [Fact]
    public void Default_EveryName_StandsInTheDocs()
    {
        var docs = File.ReadAllText(Docs());
        Assert.All(BelievedHeaders.Default, name => Assert.Contains($"`{name}`", docs, StringComparison.Ordinal));
    }

    private static string Docs([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "forwarding.md");
}
