using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;
using Gateway.Sessions.Revocations;

namespace Gateway.UnitTests.Sessions.Revocations;

public sealed class SessionRevocationsTests
{
    [Fact]
    public void Revoke_IdThatKratosCannotHaveIssued_TravelsNowhere()
    {
        using var cache = new SessionCache(new SessionCacheOptions(), TimeProvider.System);
        var revocations = new SessionRevocations(cache, TimeProvider.System);
        var sent = new List<Revocation>();
        revocations.Revoked += sent.Add;

        revocations.RevokeSession(new string('x', 9000)); // PostgreSQL refuses notifications above 8,000 bytes
        revocations.RevokeIdentity("6F9619FF-8B86-D011-B42D-00CF4FC964FF");

        Assert.Equal("i:6f9619ff-8b86-d011-b42d-00cf4fc964ff", Assert.Single(sent).Text);
    }

    [Fact]
    public void Apply_CredentialOfAnotherReplica_EndsItHere()
    {
        using var cache = new SessionCache(new SessionCacheOptions(), TimeProvider.System);
        var revocations = new SessionRevocations(cache, TimeProvider.System);
        var key = new SessionCredential(CredentialKind.Cookie, "sid=x").Key();
        cache.Set(new SessionEntry(key, SessionVerdict.Invalid, 0, 0, 0, long.MaxValue));
        var before = TimeProvider.System.GetTimestamp();

        revocations.Apply(Revocation.Parse(Revocation.Credential(key).Text)!);

        Assert.False(cache.TryGet(key, 0, out _));
        Assert.True(revocations.RevokedSince(before, key, SessionVerdict.Invalid));
    }

    [Fact]
    public void Apply_CredentialThatIsNoKey_DropsNothing()
    {
        using var cache = new SessionCache(new SessionCacheOptions(), TimeProvider.System);
        Assert.Equal(0, new SessionRevocations(cache, TimeProvider.System).Apply(new(RevocationKind.Credential, "no key")));
    }
}
