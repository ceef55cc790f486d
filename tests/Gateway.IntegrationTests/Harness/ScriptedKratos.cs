using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace Gateway.IntegrationTests.Harness;

/// <summary>
/// A Kratos whose whoami says what a test wants, for answers that DevKratos would never give: it is ready, and knows nobody
/// without a credential.
/// </summary>
internal sealed class ScriptedKratos : IDisposable
{
    public const string SessionId = "11111111-0000-0000-0000-000000000000";

    /// <summary>A session that counts.</summary>
    public const string Session = """
        {"id":"11111111-0000-0000-0000-000000000000","active":true,"expires_at":"2126-01-01T00:00:00Z","authenticator_assurance_level":"aal1",
         "identity":{"id":"33333333-0000-0000-0000-000000000000","traits":{"email":"a@example.org"}}}
        """;

    /// <summary>WireMock's order: the least comes first.</summary>
    private const int First = 1, Last = 100;

    public ScriptedKratos()
    {
        Server = WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"] });
        Server.Given(Request.Create().WithPath("/health/ready").UsingGet()).RespondWith(Response.Create().WithBody("{}"));
        Server.Given(Whoami()).AtPriority(Last).RespondWith(Response.Create().WithStatusCode(401).WithBody("{}"));
    }

    public WireMockServer Server { get; }

    public Uri Url => new(Server.Urls[0]);

    public static IRequestBuilder Whoami() => Request.Create().WithPath("/sessions/whoami").UsingGet();

    public static IResponseBuilder Json(string body, int status = 200) =>
        Response.Create().WithStatusCode(status).WithHeader("Content-Type", "application/json").WithBody(body);

    /// <summary>What whoami says of this session token from now on.</summary>
    public void Say(string token, IResponseBuilder answer) =>
        Server.Given(Whoami().WithHeader("X-Session-Token", token)).AtPriority(First).RespondWith(answer);

    public void Dispose() => Server.Stop();
}
