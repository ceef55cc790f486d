using System.Net;
using Gateway.Decisions;
using Gateway.Network;
using Gateway.RateLimits;
using Microsoft.AspNetCore.Http;

namespace Gateway.UnitTests.RateLimits;

public sealed class PartitionKeyTests
{
    private static readonly Caller Ann = new("ann", "kratos", DateTimeOffset.MaxValue);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("fe80::1%1", "fe80::2%2", true)]
    [InlineData("::1", "0.0.0.0", false)]
    [InlineData(null, null, true)]
    [InlineData(null, "::", false)]
    public void ClientAddress_TwoPeers_ShareOrNot(string? one, string? other, bool share) =>
        Assert.Equal(share, Of(PartitionSource.ClientAddress, one) == Of(PartitionSource.ClientAddress, other));

    [Fact]
    public void Caller_SignedIn_IsTheSubjectAtOneAuthenticatorWhateverTheAddress()
    {
        Assert.Equal(Of(PartitionSource.Caller, "192.0.2.1", Ann), Of(PartitionSource.Caller, "192.0.2.2", Ann));
        Assert.NotEqual(
            Of(PartitionSource.Caller, "192.0.2.1", Ann),
            Of(PartitionSource.Caller, "192.0.2.1", Ann with { Authenticator = "partner" }));
    }

    [Fact]
    public void Caller_Anonymous_IsTheAddress() =>
        Assert.Equal(Of(PartitionSource.ClientAddress, "192.0.2.1"), Of(PartitionSource.Caller, "192.0.2.1"));

    [Fact]
    public void Authenticator_AnySubject_Shares()
    {
        Assert.Equal(
            Of(PartitionSource.Authenticator, "192.0.2.1", Ann),
            Of(PartitionSource.Authenticator, "192.0.2.2", Ann with { Subject = "bob" }));
        Assert.NotEqual(Of(PartitionSource.Authenticator, null, Ann), Of(PartitionSource.Authenticator, null));
    }

    [Fact]
    public void Route_AnyPeer_SharesOnThatRouteOnly()
    {
        var policy = new RateLimitPolicy { PartitionBy = PartitionSource.Route };
        UInt128 Key(string address, string route) => PartitionKey.Of(Request(address), policy, route, isShared: false);

        Assert.Equal(Key("192.0.2.1", "a"), Key("192.0.2.2", "a"));
        Assert.NotEqual(Key("192.0.2.1", "a"), Key("192.0.2.1", "b"));
    }

    [Fact]
    public void Header_AbsentOrThere_IsTheAddressOrTheValue()
    {
        var policy = new RateLimitPolicy { PartitionBy = PartitionSource.Header, Header = "X-Api-Key" };
        UInt128 Key(string? value, string address = "192.0.2.1")
        {
            var request = Request(address);
            if (value is not null)
                request.Request.Headers["x-api-key"] = value;
            return PartitionKey.Of(request, policy, "a", isShared: false);
        }

        Assert.Equal(Key("one"), Key("one", "192.0.2.2"));
        Assert.NotEqual(Key("one"), Key("two"));
        Assert.NotEqual(Key("one"), Key(null));
        Assert.Equal(Of(PartitionSource.ClientAddress, "192.0.2.1"), Key(null));
        Assert.NotEqual(Key(new string('x', 9_000)), Key(new string('x', 9_001)));
    }

    /// <summary>Replicas of two versions count together, so it may not change.</summary>
    [Fact]
    public void Shared_AnyProcess_IsTheSameHash() => Assert.Equal(
        UInt128.Parse("45edf6f80cf4b267e065de37750d908c", System.Globalization.NumberStyles.HexNumber, null),
        PartitionKey.Of(
            Request("192.0.2.1"), new RateLimitPolicy { PartitionBy = PartitionSource.Route }, "a", isShared: true));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.255.0.1", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData("::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("2001:db8::1", false)]
    [InlineData(null, false)]
    public void IsPrivate_Address_IsOrIsNot(string? address, bool isPrivate) =>
        Assert.Equal(isPrivate, ClientAddress.IsPrivate(address is null ? null : IPAddress.Parse(address)));

    private static UInt128 Of(PartitionSource source, string? address, Caller? caller = null) =>
        PartitionKey.Of(Request(address, caller), new RateLimitPolicy { PartitionBy = source }, "a", isShared: false);

    private static DefaultHttpContext Request(string? address, Caller? caller = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        if (caller is not null)
            CallerFeature.Set(context, caller);
        return context;
    }
}
