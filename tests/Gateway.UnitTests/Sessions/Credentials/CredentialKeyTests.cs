using System.Security.Cryptography;
using Gateway.Sessions.Credentials;

namespace Gateway.UnitTests.Sessions.Credentials;

public sealed class CredentialKeyTests
{
    [Fact]
    public void ToString_Key_Base64UrlOfTheHash()
    {
        var hash = SHA256.HashData([1, (byte)'x']);
        var key = new SessionCredential(CredentialKind.SessionToken, "x").Key();
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(hash), key.ToString());
    }

    [Fact]
    public void TryParse_TextOfAKey_SameKey()
    {
        var key = CredentialKey.From(RandomNumberGenerator.GetBytes(32));
        Assert.True(CredentialKey.TryParse(key.ToString(), out var read));
        Assert.Equal((key, key.GetHashCode()), (read, read.GetHashCode()));
    }

    [Fact]
    public void Equals_AnyByteDiffers_False()
    {
        var hash = RandomNumberGenerator.GetBytes(32);
        var key = CredentialKey.From(hash);
        for (var i = 0; i < hash.Length; i++)
        {
            hash[i] ^= 1;
            Assert.NotEqual(key, CredentialKey.From(hash));
            hash[i] ^= 1;
        }
    }

    /// <summary>The cache spreads keys by these: equal ones would put every entry into one chain.</summary>
    [Fact]
    public void GetHashCode_TenThousandKeys_HardlyTwoAreEqual()
    {
        var hashes = Enumerable.Range(0, 10_000)
            .Select(i => new SessionCredential(CredentialKind.SessionToken, $"{i}").Key().GetHashCode());
        Assert.InRange(hashes.Distinct().Count(), 9_990, 10_000);
    }

    /// <summary>Whoever looks for credentials whose hashes share bits finds 64-bit prefixes that differ in few places.</summary>
    [Fact]
    public void GetHashCode_KeysThatDifferInOneBitOfTheFirstEightBytes_DifferToo()
    {
        var hash = RandomNumberGenerator.GetBytes(32);
        var key = CredentialKey.From(hash);
        var same = 0;
        for (var bit = 0; bit < 64; bit++)
        {
            hash[bit / 8] ^= (byte)(1 << (bit % 8));
            same += CredentialKey.From(hash).GetHashCode() == key.GetHashCode() ? 1 : 0;
            hash[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.Equal(0, same);
    }
}
