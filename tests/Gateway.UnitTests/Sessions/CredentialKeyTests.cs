using System.Security.Cryptography;
using Gateway.Sessions;

namespace Gateway.UnitTests.Sessions;

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
}
