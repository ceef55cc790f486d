using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Gateway.IntegrationTests.Harness;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;

namespace Gateway.IntegrationTests;

/// <summary>No API logout passes unheard, whatever its body looks like.</summary>
public sealed class ApiLogoutTests
{
    /// <summary><c>{t}</c> is the token.</summary>
    public static TheoryData<string, string> Logouts => new()
    {
        { "once", """{"session_token":"{t}"}""" },
        { "large", $$$"""{"padding":"{{{new string('x', 200_000)}}}","session_token":"{t}"}""" },
        { "large behind it", """{"session_token":"{t}"}""" + new string(' ', 200_000) },
        { "twice", """{"session_token":"other","session_token":"{t}"}""" },
        { "twice in two cases", """{"session_token":"other","Session_Token":"{t}"}""" },
        { "and nothing", """{"session_token":"{t}","SESSION_TOKEN":null}""" },
        { "and another further in", """{"a":{"session_token":"other"},"session_token":"{t}"}""" },
        { "deep", $$$"""{"a":{{{new string('[', 100)}}}{{{new string(']', 100)}}},"session_token":"{t}"}""" },
        { "half a character", """{"\ud800":1,"session_token":"{t}"}""" },
        { "long s and Kelvin", "{\"\u017fe\u017f\u017fion_to\u212aen\":\"{t}\"}" },
    };

    /// <summary>Kratos, in Go, reads each as a logout of the token.</summary>
    [Theory]
    [MemberData(nameof(Logouts))]
    public async Task An_api_logout_is_heard_however_it_is_written(string how, string body)
    {
        const string Token = "ory_st_x";
        using var kratos = new ScriptedKratos();
        kratos.Say(Token, ScriptedKratos.Json(ScriptedKratos.Session));
        kratos.Server
            .Given(Request.Create().WithPath("/self-service/logout/api").UsingDelete())
            .RespondWith(Response.Create().WithStatusCode(204));
        await using var system = await TestSystem.StartAsync([$"--Kratos:PublicUrl={kratos.Url}"]);
        foreach (var isChunked in (bool[])[false, true])
        {
            await system.GetAsync("/private/x", $"X-Session-Token: {Token}");
            Assert.Equal(1, system.Cache.Count);
            using var content = new StringContent(
                body.Replace("{t}", Token, StringComparison.Ordinal), new MediaTypeHeaderValue("application/json"));
            using var request = TestSystem.Request(HttpMethod.Delete, "/kratos/self-service/logout/api");
            request.Content = content;
            request.Headers.TransferEncodingChunked = isChunked;

            var logout = await system.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal((how, HttpStatusCode.NoContent), (how, logout.StatusCode));
            Assert.Equal((how, 0), (how, system.Cache.Count));
            var forwarded = kratos.Server.LogEntries.Last(entry => entry.RequestMessage?.Method is "DELETE").RequestMessage;
            Assert.Equal(body.Replace("{t}", Token, StringComparison.Ordinal), forwarded?.Body);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_api_logout_that_is_too_large_to_be_heard_does_not_pass(bool isChunked)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        using var request = TestSystem.Request(HttpMethod.Delete, "/kratos/self-service/logout/api");
        request.Content = JsonContent.Create(new { session_token = session.Token, padding = new string('x', 300_000) });
        request.Headers.TransferEncodingChunked = isChunked;

        var logout = await system.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, logout.StatusCode);
        Assert.Equal("request_too_large", await TestSystem.ReasonAsync(logout));
        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"X-Session-Token: {session.Token}")).StatusCode);
    }
}
