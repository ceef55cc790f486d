using System.Net;
using Gateway.Configuration;
using Gateway.Network;
using Microsoft.Extensions.Configuration;

namespace Gateway.UnitTests.Network;

public sealed class NetworkOptionsTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.9.9.9", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8::/32", "2001:db8::1", true)]
    [InlineData("::1", "::1", true)]
    public void Networks_AddressOrCidr_CoverIt(string text, string address, bool covered) =>
        Assert.Equal(
            covered,
            Assert.Single(new NetworkOptions { TrustedProxies = [text] }.Networks).Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("proxy", false)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("", false)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("::/0", false)]
    [InlineData("10.0.0.0/8", true)]
    public void Validate_AnyText_AcceptsNetworksButNotEverybody(string text, bool accepted)
    {
        var errors = new ConfigErrors(new ConfigurationBuilder().Build());
        new NetworkOptions { TrustedProxies = [text] }.Validate(errors);
        Assert.Equal(accepted, !errors.Any);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(1_000_000, 300, true)]
    [InlineData(1_000_001, 0, false)]
    [InlineData(1, 301, false)]
    [InlineData(1, -1, false)]
    public void Validate_ConnectionsAndDrainTime_AreInRange(int connections, int seconds, bool accepted)
    {
        var errors = new ConfigErrors(new ConfigurationBuilder().Build());
        new NetworkOptions { MaxConnections = connections, DrainTime = TimeSpan.FromSeconds(seconds) }.Validate(errors);
        Assert.Equal(accepted, !errors.Any);
    }
}
