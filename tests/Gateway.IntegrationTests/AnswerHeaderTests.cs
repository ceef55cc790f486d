using System.Net;
using DevKratos;
using Gateway.IntegrationTests.Harness;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>
/// What a service's answer may not do: let a shared cache keep what is for one person, or set Kratos' cookies.
/// </summary>
public sealed class AnswerHeaderTests : IAsyncLifetime
{
    private const string Yaml = """
        ReverseProxy:
          Routes:
            public: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/public/{**rest}" } }
            optional: { ClusterId: echo, AuthorizationPolicy: optional, Match: { Path: "/optional/{**rest}" } }
            signed: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: "/signed/{**rest}" } }
            signed-transformed:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              Match: { Path: "/signed-transformed/{**rest}" }
              Transforms: [ { RequestHeader: X-Extra, Set: more } ]
            shared:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              Match: { Path: "/shared/{**rest}" }
              Metadata: { AllowSharedCaching: "true" }
            trusted:
              ClusterId: echo
              AuthorizationPolicy: signed-in
              Match: { Path: "/trusted/{**rest}" }
              Metadata: { ForwardSessionCookie: "true" }
          Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
        """;

    private readonly CapturedLog _log = new();
    private TestSystem _system = null!;

    public async ValueTask InitializeAsync() => _system = await TestSystem.StartAsync(
        ["--Logging:LogLevel:Gateway=Information"], Yaml, customize: builder => builder.Logging.AddProvider(_log));

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        _log.Dispose();
    }

    [Theory]
    [InlineData("public", "private")]
    [InlineData("public, max-age=600", "private, max-age=600")]
    [InlineData("max-age=600", "private, max-age=600")]
    [InlineData("MAX-AGE=600, Public", "private, MAX-AGE=600")]
    [InlineData("s-maxage=60", "private")]
    [InlineData("S-MaxAge=\"60\", max-age=5, immutable", "private, max-age=5, immutable")]
    [InlineData("public , s-maxage = 60 ,, max-age=5", "private, max-age=5")]
    [InlineData("public,private", "private")]
    [InlineData("private, public, no-cache", "private, no-cache")]
    [InlineData("private=\"Set-Cookie, X-A\", max-age=5", "private, max-age=5")]
    [InlineData("ext=\"no-store, private\", max-age=5", "private, ext=\"no-store, private\", max-age=5")]
    [InlineData("public, no-store", "private, no-store")]
    [InlineData("must-revalidate, public", "private, must-revalidate")]
    [InlineData("no-store", "no-store")]
    [InlineData("private, max-age=600", "private, max-age=600")]
    [InlineData("no-store, max-age=0", "no-store, max-age=0")]
    [InlineData("no-cache", "no-cache")]
    public async Task An_answer_to_a_known_caller_is_kept_by_no_shared_cache(string said, string passed)
    {
        var session = await _system.Kratos.SignInNewAsync();
        foreach (var route in (string[])["signed", "signed-transformed", "optional"])
            Assert.Equal((route, passed), (route, await CacheControlAsync(route, said, session)));
        Assert.Equal(said, await CacheControlAsync("shared", said, session));
        Assert.Equal(said, await CacheControlAsync("public", said, session));
        Assert.Equal(said, await CacheControlAsync("optional", said, null));
    }

    [Fact]
    public async Task Nor_by_what_is_said_on_several_lines_by_a_date_or_to_one_kind_of_cache()
    {
        var session = await _system.Kratos.SignInNewAsync();
        foreach (var route in (string[])["signed", "signed-transformed"])
        {
            var lines = await AnswerAsync(route, session, "Cache-Control:max-age=5", "Cache-Control:public");
            var dated = await AnswerAsync(route, session, "Expires:Sun, 01 Jan 2126 00:00:00 GMT");
            var targeted = await AnswerAsync(
                route, session, "Cache-Control:public", "CDN-Cache-Control:max-age=60", "Surrogate-Control:max-age=60");

            Assert.Equal("private, max-age=5", Header(lines, "Cache-Control"));
            Assert.Equal("private", Header(dated, "Cache-Control"));
            Assert.Equal("private", Header(targeted, "Cache-Control"));
            Assert.Null(Header(targeted, "CDN-Cache-Control"));
            Assert.Null(Header(targeted, "Surrogate-Control"));
        }
    }

    [Theory]
    [InlineData("public, max-age=600")]
    [InlineData("private, max-age=600")]
    [InlineData(null)]
    public async Task An_answer_with_a_renewed_session_cookie_is_kept_by_no_cache(string? said)
    {
        foreach (var route in (string[])["signed", "signed-transformed", "optional", "shared"])
        {
            var session = await _system.Kratos.SignInNewAsync();
            _system.Kratos.ExtendSession(session.SessionId);

            var answer = await AnswerAsync(route, session, said is null ? [] : ["Cache-Control:" + said]);

            Assert.StartsWith("ory_kratos_session=", Header(answer, "Set-Cookie"), StringComparison.Ordinal);
            Assert.Equal((route, "private, no-store"), (route, Header(answer, "Cache-Control")));
        }
    }

    [Theory]
    [InlineData("ory_kratos_session=evil")]
    [InlineData("ory_kratos_session=evil; Path=/; HttpOnly")]
    [InlineData(" \tory_kratos_session\t = evil")]
    [InlineData("ory_kratos_session")]
    [InlineData("=ory_kratos_session=evil")] // browsers keep it without a name and send ory_kratos_session=evil
    [InlineData(" = = ory_kratos_session=evil")]
    [InlineData("ory_kratos_session; Max-Age=0")]
    [InlineData("csrf_token_82b119fa=evil; Path=/")]
    [InlineData("ory_kratos_continuity=evil")]
    public async Task A_service_sets_no_cookie_of_Kratos(string cookie)
    {
        var session = await _system.Kratos.SignInNewAsync();
        foreach (var route in (string[])["public", "signed", "signed-transformed"])
        {
            var answer = await AnswerAsync(route, session, "Set-Cookie:own=1; Path=/", "Set-Cookie:" + cookie, "Set-Cookie:b=2");
            var only = await AnswerAsync(route, session, "Set-Cookie:" + cookie);

            Assert.Equal((route, "own=1; Path=/ b=2"), (route, Header(answer, "Set-Cookie")));
            Assert.Null(Header(only, "Set-Cookie"));
            Assert.Single(_log.Text.Split('\n'), line => line.Contains($" {route} ", StringComparison.Ordinal));
        }
        Assert.DoesNotContain("evil", _log.Text, StringComparison.Ordinal);
        var trusted = await AnswerAsync("trusted", session, "Set-Cookie:" + cookie);
        Assert.Equal(cookie.Trim(), Header(trusted, "Set-Cookie"));
    }

    [Theory]
    [InlineData("ory_kratos_session_x=1")]
    [InlineData("xory_kratos_session=1")]
    [InlineData("a=ory_kratos_session=1")]
    [InlineData("Ory_Kratos_Session=1")] // another cookie: names are compared in their letter case
    [InlineData("csrf_token=1")]
    [InlineData("ory_kratos_continuity_x=1")]
    public async Task Another_cookie_of_a_service_passes(string cookie)
    {
        var answer = await AnswerAsync("public", null, "Set-Cookie:" + cookie);

        Assert.Equal(cookie, Header(answer, "Set-Cookie"));
    }

    [Fact]
    public async Task A_renewed_session_cookie_stands_although_the_service_sets_one()
    {
        var session = await _system.Kratos.SignInNewAsync();
        _system.Kratos.ExtendSession(session.SessionId);

        var answer = await AnswerAsync("signed", session, "Set-Cookie:ory_kratos_session=evil", "Set-Cookie:a=1");

        var cookies = answer.Headers.GetValues("Set-Cookie").ToArray();
        Assert.Equal(["a", "ory_kratos_session"], cookies.Select(c => c.Split('=')[0]).Order());
        Assert.DoesNotContain(cookies, c => c.Contains("evil", StringComparison.Ordinal));
    }

    private async Task<string?> CacheControlAsync(string route, string said, DevSession? session) =>
        Header(await AnswerAsync(route, session, "Cache-Control:" + said), "Cache-Control");

    private async Task<HttpResponseMessage> AnswerAsync(string route, DevSession? session, params string[] headers)
    {
        var query = string.Join('&', headers.Select(header => "header=" + Uri.EscapeDataString(header)));
        var answer = await _system.GetAsync($"/{route}/x?{query}", session is null ? [] : [$"Cookie: {session.CookieHeader}"]);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }

    /// <summary>The values as they came, of several lines joined by a blank.</summary>
    private static string? Header(HttpResponseMessage answer, string name)
    {
        if (answer.Headers.NonValidated.TryGetValues(name, out var values)) return string.Join(' ', values);
        return answer.Content.Headers.NonValidated.TryGetValues(name, out values) ? string.Join(' ', values) : null;
    }
}
