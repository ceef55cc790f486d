using Gateway.Decisions;
using Gateway.Sessions;
using Gateway.Sessions.Cache;
using Gateway.Sessions.Credentials;

namespace Gateway.UnitTests.Sessions.Cache;

/// <summary>Makes entries that last an hour unless told otherwise.</summary>
internal sealed class Entries(TimeProvider time)
{
    public static CredentialKey Key(string credential) => new SessionCredential(CredentialKind.Cookie, credential).Key();

    public static SessionVerdict Verdict(string session, string identity)
    {
        var caller = new Caller(identity, "kratos", DateTimeOffset.MaxValue)
        {
            Session = new(session, "", AssuranceLevel.Aal1, DateTimeOffset.MinValue, [], new(default)),
        };
        return new(SessionOutcome.Active, caller);
    }

    public SessionEntry Session(string credential, string session = "s", string identity = "i", TimeSpan? lasts = null) =>
        Entry(credential, Verdict(session, identity), lasts);

    public SessionEntry Refused(string credential, TimeSpan? lasts = null) => Entry(credential, SessionVerdict.Invalid, lasts);

    private SessionEntry Entry(string credential, SessionVerdict verdict, TimeSpan? lasts) =>
        new(Key(credential), verdict, 0, 0, 0, (time.GetUtcNow() + (lasts ?? TimeSpan.FromHours(1))).UtcTicks);
}
