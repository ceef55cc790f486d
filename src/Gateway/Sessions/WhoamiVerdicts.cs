using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Decisions;
using Gateway.Kratos;

namespace Gateway.Sessions;

/// <summary>The identity headers' values of a session, in the order of their names.</summary>
internal delegate string?[] HeaderValueReader(JsonElement session);

/// <summary>What Kratos' answers mean here.</summary>
internal sealed class WhoamiVerdicts(HeaderValueReader headerValues, SessionJsonNeed need)
{
    /// <summary>The name of the authenticator that asks Kratos.</summary>
    private const string Authenticator = "kratos";

    /// <summary>Whether nothing is missing that an answer read now would have.</summary>
    public bool IsComplete(Caller caller) => caller.SessionJson is not null || !need.IsNeeded;

    /// <summary>Reads the answer's JSON, which is given back with this.</summary>
    public SessionVerdict Of(WhoamiAnswer answer)
    {
        using var json = answer.Json;
        return answer.Status switch
        {
            WhoamiStatus.Active => OfSession(answer.Session!, json!.RootElement),
            WhoamiStatus.SecondFactorRequired => SessionVerdict.SecondFactorRequired,
            WhoamiStatus.NoSession => SessionVerdict.Invalid,
            _ => SessionVerdict.NoVerdict,
        };
    }

    private SessionVerdict OfSession(KratosSession session, JsonElement json)
    {
        var caller = new Caller(session.IdentityId, Authenticator, session.ExpiresAt)
        {
            Session = new(
                session.Id,
                session.SchemaId,
                session.AssuranceLevel,
                session.AuthenticatedAt,
                session.VerifiedEmails,
                session.Traits),
            IdentityHeaders = Sharing(session, headerValues(json)),
            SessionJson = need.IsNeeded ? JsonMarshal.GetRawUtf8Value(json).ToArray() : null,
        };
        return new(SessionOutcome.Active, caller);
    }

    /// <summary>The session's own strings in place of equal ones: with 100,000 sessions the copies are 20 MB.</summary>
    private static string?[] Sharing(KratosSession session, string?[] values)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = Shared(session, values[i]);
        return values;
    }

    private static string? Shared(KratosSession session, string? value) => value switch
    {
        "aal1" => "aal1",
        "aal2" => "aal2",
        _ when value == session.Id => session.Id,
        _ when value == session.IdentityId => session.IdentityId,
        _ => session.VerifiedEmails.FirstOrDefault(address => address == value) ?? value,
    };
}
