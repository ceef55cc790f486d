using System.Net;
using Gateway.IntegrationTests.Harness;
using WireMock.ResponseBuilders;

namespace Gateway.IntegrationTests;

/// <summary>Whatever answers as whoami: only a session is one, only a refusal refuses, and anything else is no verdict.</summary>
public sealed class OddWhoamiTests
{
    private const string Token = "ory_st_x";

    /// <summary>A field of the session that is replaced by what the row says.</summary>
    private const string Identity = "\"id\":\"33333333-0000-0000-0000-000000000000\"";

    /// <summary>Bodies of a 200 that are no session at all.</summary>
    public static TheoryData<string> Garbage =>
    [
        "", " ", "{}", "[]", "null", "true", "5", "\"x\"", "{", "{}{}", "<html></html>", "ok", "{\"error\":{\"code\":401}}",
        "{\"status\":\"ok\"}", "[" + ScriptedKratos.Session + "]", "{\"session\":" + ScriptedKratos.Session + "}",
        ScriptedKratos.Session + "x", ScriptedKratos.Session[..^5],
        Without("\"active\":true,"), With("\"active\":true", "\"active\":null"), With("\"active\":true", "\"active\":\"true\""),
        Without($"\"id\":\"{ScriptedKratos.SessionId}\","), With(ScriptedKratos.SessionId, ""),
        Without("\"expires_at\":\"2126-01-01T00:00:00Z\","), With("2126-01-01T00:00:00Z", "soon"),
        With("\"identity\"", "\"other\""), With(Identity, "\"id\":\"\""), With(Identity, "\"id\":5"), With(Identity, "\"x\":1"),
        new string('x', 600 * 1024),
    ];

    /// <summary>Answers that say: no such session.</summary>
    public static TheoryData<int, string> Refusals => new()
    {
        { 401, "" },
        { 401, "{}" },
        { 401, "<html></html>" },
        { 200, With("\"active\":true", "\"active\":false") },
        { 200, With("2126-01-01T00:00:00Z", "2020-01-01T00:00:00Z") },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task A_200_that_is_no_session_is_no_verdict(string body)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, ScriptedKratos.Json(body));
        await AssertAsync(kratos, HttpStatusCode.ServiceUnavailable, "identity_provider_unavailable");
    }

    [Theory]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task Another_status_is_no_verdict_whatever_its_body_says(int status)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(
            Token,
            ScriptedKratos.Json(status is 204 ? "" : ScriptedKratos.Session, status).WithHeader("Location", "/other"));
        await AssertAsync(kratos, HttpStatusCode.ServiceUnavailable, "identity_provider_unavailable");
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_a_401(int status, string body)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, ScriptedKratos.Json(body, status));
        await AssertAsync(kratos, HttpStatusCode.Unauthorized, "session_invalid");
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/octet-stream")]
    [InlineData("application/json; charset=utf-16")]
    public async Task A_session_is_one_whatever_its_content_type_says(string type)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, Response.Create().WithHeader("Content-Type", type).WithBody(ScriptedKratos.Session));
        await AssertAsync(kratos, HttpStatusCode.OK, null);
    }

    [Theory]
    [InlineData(FaultType.EMPTY_RESPONSE)]
    [InlineData(FaultType.MALFORMED_RESPONSE_CHUNK)]
    public async Task A_fault_is_no_verdict(FaultType fault)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, Response.Create().WithFault(fault));
        await AssertAsync(kratos, HttpStatusCode.ServiceUnavailable, "identity_provider_unavailable");
    }

    /// <summary>What a fault of WireMock's is on the wire is not what its name says; these tests rely on what it is.</summary>
    [Theory]
    [InlineData(FaultType.EMPTY_RESPONSE)]
    [InlineData(FaultType.MALFORMED_RESPONSE_CHUNK)]
    public async Task WireMock_s_faults_are_well_formed_answers(FaultType fault)
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, Response.Create().WithFault(fault));

        var answer = await RawHttp.RequestAsync(kratos.Url, "/sessions/whoami", "GET", $"X-Session-Token: {Token}");

        Assert.Equal(200, answer.Status);
        Assert.EndsWith("0\r\n\r\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_ends_no_session_that_is_cached()
    {
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, ScriptedKratos.Json(ScriptedKratos.Session));
        await using var system = await TestSystem.StartAsync([
            $"--Kratos:PublicUrl={kratos.Url}", "--Sessions:StaleIfError=00:10:00",
        ]);
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"X-Session-Token: {Token}")).StatusCode);

        kratos.Say(Token, ScriptedKratos.Json("{}"));
        system.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"X-Session-Token: {Token}")).StatusCode);
    }

    private static async Task AssertAsync(ScriptedKratos kratos, HttpStatusCode status, string? reason)
    {
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Url}"]);
        using var answer = await system.GetAsync("/private/x", $"X-Session-Token: {Token}");

        Assert.Equal(status, answer.StatusCode);
        if (reason is null) return;
        Assert.Equal(reason, await TestSystem.ReasonAsync(answer));
        Assert.Empty(system.Service.Received);
        Assert.DoesNotContain("other", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static string With(string field, string value) =>
        ScriptedKratos.Session.Replace(field, value, StringComparison.Ordinal);

    private static string Without(string field) => With(field, "");
}
