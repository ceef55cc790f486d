using Gateway.Sessions;

namespace Gateway.UnitTests.Sessions;

public sealed class SessionRevocationsTests
{
    [Fact]
    public void Revoke_IdThatKratosCannotHaveIssued_TravelsNowhere()
    {
        using var cache = new SessionCache(new SessionCacheOptions());
        var revocations = new SessionRevocations(cache, TimeProvider.System);
        var sent = new List<Revocation>();
        revocations.Revoked += sent.Add;

        revocations.RevokeSession(new string('x', 9000)); // PostgreSQL refuses notifications above 8,000 bytes
        revocations.RevokeIdentity("6F9619FF-8B86-D011-B42D-00CF4FC964FF");

        Assert.Equal("i:6f9619ff-8b86-d011-b42d-00cf4fc964ff", Assert.Single(sent).Text);
    }
}
