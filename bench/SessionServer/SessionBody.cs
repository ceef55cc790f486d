using System.Globalization;
using System.Text;

namespace Bench.SessionServer;

/// <summary>
/// Kratos v26.2.0's answer for a signed-in person, as seen on a running one; only the ids, the e-mail address and the times vary.
/// </summary>
internal sealed class SessionBody(DateTimeOffset now)
{
    private readonly string expires = Time(now.AddHours(24));
    private readonly string issued = Time(now.AddMinutes(-5));

    public static string IdentityId(int number) => Id('a', number);

    public byte[] For(int number)
    {
        var email = string.Create(CultureInfo.InvariantCulture, $"user{number}@example.org");
        return Encoding.UTF8.GetBytes(
            $$$"""
            {"id":"{{{Id('b', number)}}}","active":true,"expires_at":"{{{expires}}}","authenticated_at":"{{{issued}}}","authenticator_assurance_level":"aal1",
            "authentication_methods":[{"method":"password","aal":"aal1","completed_at":"{{{issued}}}"}],"issued_at":"{{{issued}}}",
            "identity":{"id":"{{{IdentityId(number)}}}","schema_id":"default","schema_url":"http://127.0.0.1:4433/schemas/ZGVmYXVsdA","state":"active","state_changed_at":"{{{issued}}}",
            "traits":{"email":"{{{email}}}","name":{"first":"Ann","last":"Example"}},
            "verifiable_addresses":[{"id":"{{{Id('c', number)}}}","value":"{{{email}}}","verified":true,"via":"email","status":"completed","verified_at":"{{{issued}}}","created_at":"{{{issued}}}","updated_at":"{{{issued}}}"}],
            "recovery_addresses":[{"id":"{{{Id('d', number)}}}","value":"{{{email}}}","via":"email","created_at":"{{{issued}}}","updated_at":"{{{issued}}}"}],
            "metadata_public":null,"created_at":"{{{issued}}}","updated_at":"{{{issued}}}","organization_id":null},
            "devices":[{"id":"{{{Id('e', number)}}}","ip_address":"127.0.0.1:32970","user_agent":"Mozilla/5.0 (X11; Linux x86_64)","location":""}]}
            """);
    }

    private static string Id(char kind, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}0000000-0000-4000-8000-{number:x12}");

    private static string Time(DateTimeOffset time) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
