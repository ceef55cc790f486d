using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>What a service sees of a request, and a client of its answer: all that came, without what is the gateway's.</summary>
public sealed class ForwardingTests
{
    [Theory]
    [InlineData("Cookie: a=b; ory_kratos_session=SECRET; c=d", "Cookie", "a=b; c=d")]
    [InlineData("Cookie: ory_kratos_session=SECRET", "Cookie", null)]
    [InlineData("Cookie: ory_kratos_session=SECRET; ory_kratos_session=SECRET; z=\"1\"; a=b=c", "Cookie", "z=\"1\"; a=b=c")]
    [InlineData("Cookie: a=b;ory_kratos_session=SECRET;c=d", "Cookie", "a=b; c=d")]
    [InlineData("Cookie: ory_kratos_session =SECRET; a=b", "Cookie", "a=b")]
    [InlineData(
        "Cookie: ory_kratos_session_x=1; xory_kratos_session=2", "Cookie", "ory_kratos_session_x=1; xory_kratos_session=2")]
    [InlineData("Cookie: x=ory_kratos_session=1", "Cookie", "x=ory_kratos_session=1")]
    [InlineData(
        "Cookie: a=b; ory_kratos_session=SECRET\r\nCookie: ory_kratos_session=SECRET\r\nCookie: c=d", "Cookie", "a=b; c=d")]
    [InlineData("Cookie: csrf_token_82b119fa=SECRET; a=b", "Cookie", "a=b")]
    [InlineData("Cookie: a=b;csrf_token_82b119fa =SECRET;ory_kratos_continuity=SECRET", "Cookie", "a=b")]
    [InlineData("Cookie: ory_kratos_continuity=SECRET\r\nCookie: csrf_token_1=SECRET; c=d", "Cookie", "c=d")]
    [InlineData("Cookie: csrf_token=1; xcsrf_token_1=2; ory_kratos_continuity_x=3", "Cookie",
        "csrf_token=1; xcsrf_token_1=2; ory_kratos_continuity_x=3")]
    [InlineData("X-Session-Token: SECRET", "X-Session-Token", null)]
    [InlineData("X_Session_Token: SECRET", "X_Session_Token", null)]
    [InlineData("Authorization: Bearer ory_st_SECRET", "Authorization", null)]
    [InlineData("Authorization: bearer  ory_st_SECRET", "Authorization", null)]
    [InlineData("Authorization: Bearer eyJ.e30.x", "Authorization", "Bearer eyJ.e30.x")]
    [InlineData("Authorization: Basic YTpi", "Authorization", "Basic YTpi")]
    [InlineData("Authorization: Basic YTpi\r\nAuthorization: Bearer ory_st_SECRET", "Authorization", "Basic YTpi")]
    public async Task The_session_credential_stays_at_the_gateway_and_nothing_else_does(string header, string name, string? kept)
    {
        await using var system = await TestSystem.StartAsync();

        await RawHttp.RequestAsync(system.Url, "/public/x", "GET", header);

        Assert.Equal(
            kept?.Replace("; ", ";", StringComparison.Ordinal),
            system.Service.Only.Header(name)?.Replace("; ", ";", StringComparison.Ordinal));
        Assert.DoesNotContain(system.Service.Only.Headers, h => h.Value.Contains("SECRET", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("true", null, true)]
    [InlineData("true", "false", false)]
    [InlineData("false", "true", true)]
    public async Task The_session_credential_is_forwarded_where_that_is_configured(string general, string? route, bool forwarded)
    {
        await using var system = await TestSystem.StartAsync(
            [$"--Forwarding:ForwardSessionCookie={general}"],
            One(route is null ? "" : $"Metadata: {{ ForwardSessionCookie: \"{route}\" }}"));

        await system.GetAsync("/x", "Cookie: a=b; ory_kratos_session=s", "Authorization: Bearer ory_st_t");

        Assert.Equal(forwarded ? "a=b; ory_kratos_session=s" : "a=b", system.Service.Only.Header("Cookie"));
        Assert.Equal(forwarded ? "Bearer ory_st_t" : null, system.Service.Only.Header("Authorization"));
    }

    [Fact]
    public async Task The_host_is_kept_where_the_route_says_so()
    {
        await using var system = await TestSystem.StartAsync(
            yaml: One("Transforms: [ { RequestHeaderOriginalHost: \"true\" } ]"));

        await system.GetAsync("/x", "Host: app.example");

        Assert.Equal("app.example", system.Service.Only.Header("Host"));
    }

    [Theory]
    [InlineData("{ RequestHeader: X-Extra, Set: more }", "/x%2Cy?a=%2e")]
    [InlineData("{ PathPrefix: /more }", "/more/x,y?a=.")] // YARP computes the target anew
    [InlineData("{ RequestHeadersCopy: \"true\" }", "/x%2Cy?a=%2e")]
    [InlineData("{ \"X-Forwarded\": Append }", "/x%2Cy?a=%2e")]
    [InlineData("{ Forwarded: \"for,host,proto\" }", "/x%2Cy?a=%2e")]
    public async Task A_route_with_transforms_of_YARP_is_guarded_like_every_other(string transform, string target)
    {
        await using var system = await TestSystem.StartAsync(yaml: One($"Transforms: [ {transform} ]", "signed-in"));
        var session = await system.Kratos.SignInNewAsync();

        var answer = await RawHttp.RequestAsync(
            system.Url, "/x%2Cy?a=%2e", "GET", "X-User-Id: forged", "X_User_Id: forged", "X-Forwarded-For: 9.9.9.9",
            "X-Real-IP: forged", "X-Other: kept", $"Cookie: a=b; {session.CookieHeader}");

        Assert.Equal(200, answer.Status);
        var received = system.Service.Only;
        Assert.Equal(target, received.Target.Replace("%2c", "%2C", StringComparison.Ordinal));
        Assert.Equal(session.IdentityId.ToString(), received.Header("X-User-Id"));
        Assert.Equal("127.0.0.1", received.Header("X-Forwarded-For"));
        Assert.Equal("kept", received.Header("X-Other"));
        Assert.Equal("a=b", received.Header("Cookie"));
        Assert.DoesNotContain(received.Headers, h =>
            h.Value.Contains("forged", StringComparison.Ordinal) || h.Value.Contains("9.9.9.9", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ordinary_headers_pass_in_both_directions()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await RawHttp.RequestAsync(
            system.Url, "/public/x?body=hello", "GET", "Accept: a/b", "Accept: c/d", "User-Agent: x/1 (y)",
            "If-None-Match: \"e\"", "Range: bytes=0-1", "X-Utf8: caf\u00c3\u00a9", "Content-Language: de", "Origin: null",
            "X-Empty:", "Priority: u=1");

        Assert.Equal(200, answer.Status);
        var received = system.Service.Only;
        Assert.Equal("a/b,c/d", received.Header("Accept")!.Replace(", ", ",", StringComparison.Ordinal));
        Assert.Equal("x/1 (y)", received.Header("User-Agent"));
        Assert.Equal("\"e\"", received.Header("If-None-Match"));
        Assert.Equal("bytes=0-1", received.Header("Range"));
        Assert.Equal("café", received.Header("X-Utf8"));
        Assert.Equal("de", received.Header("Content-Language"));
        Assert.Equal("null", received.Header("Origin"));
        Assert.Equal("", received.Header("X-Empty"));
        Assert.True(received.Header("Content-Length") is null or "0"); // a content header asks for a content; YARP's is empty
        Assert.Equal("hello", answer.Body.Split("\r\n").FirstOrDefault(l => l == "hello") ?? answer.Body);
    }

    [Theory]
    [InlineData("Connection: keep-alive, X-Hop")]
    [InlineData("Keep-Alive: timeout=5")]
    [InlineData("Proxy-Connection: x")]
    [InlineData("Proxy-Authorization: Basic eDp5")]
    [InlineData("TE: gzip")]
    [InlineData("Upgrade: h2c")]
    [InlineData("HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")]
    public async Task Headers_of_the_connection_end_with_it(string header)
    {
        await using var system = await TestSystem.StartAsync();

        await RawHttp.RequestAsync(system.Url, "/public/x", "GET", header);

        Assert.Null(system.Service.Only.Header(header.Split(':')[0]));
    }

    [Fact] // Oathkeeper's case "hdr-hop-by-hop"
    public async Task A_header_that_the_client_ties_to_its_connection_ends_with_it()
    {
        await using var system = await TestSystem.StartAsync();

        await RawHttp.RequestAsync(system.Url, "/public/x", "GET", "Connection: keep-alive, X-Hop", "X-Hop: 1", "X-Stays: 2");

        Assert.Null(system.Service.Only.Header("X-Hop"));
        Assert.Equal("2", system.Service.Only.Header("X-Stays"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(5_000_000)]
    public async Task A_body_arrives_whole(int size)
    {
        await using var system = await TestSystem.StartAsync();
        var body = new string('b', size);

        var announced = await system.SendAsync(
            HttpMethod.Post, "/public/x", new StringContent(body, Encoding.UTF8, "text/x"), "X-A: b");
        Assert.Equal(HttpStatusCode.OK, announced.StatusCode);
        Assert.Equal(body, system.Service.Only.Body);
        Assert.Equal("text/x; charset=utf-8", system.Service.Only.Header("Content-Type"));
        Assert.Equal(
            size.ToString(System.Globalization.CultureInfo.InvariantCulture),
            system.Service.Only.Header("Content-Length"));

        system.Service.Forget();
        var chunked = await system.SendAsync(
            HttpMethod.Put, "/private/x", new Streamed(body), $"X-Session-Token: {(await system.Kratos.SignInNewAsync()).Token}");
        Assert.Equal(HttpStatusCode.OK, chunked.StatusCode);
        Assert.Equal(body, system.Service.Only.Body);
        Assert.Null(system.Service.Only.Header("Content-Length"));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(205)]
    [InlineData(304)]
    public async Task Answers_without_a_body_pass(int status)
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync($"/public/x?status={status}&empty");

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Head_passes_without_a_body()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.SendAsync(HttpMethod.Head, "/public/x");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("HEAD", system.Service.Only.Method);
        Assert.Equal("", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_the_service_answers_passes_untouched_with_every_cookie()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync(
            "/public/x?header=Set-Cookie:a=1;%20Path=/&header=Set-Cookie:b=2&header=X-User-Id:own"
                + "&header=Location:http://internal/x&header=Cache-Control:public&status=201");

        Assert.Equal(["a=1; Path=/", "b=2"], answer.Headers.GetValues("Set-Cookie"));
        Assert.Equal("own", answer.Headers.GetValues("X-User-Id").Single());
        Assert.Equal("http://internal/x", answer.Headers.Location!.OriginalString);
        Assert.True(answer.Headers.CacheControl!.Public);
        Assert.False(answer.Headers.Contains("Server"));
        Assert.Single(answer.Headers.GetValues("X-Request-Id"));
    }

    [Fact]
    public async Task Bytes_of_an_answers_header_value_come_out_as_they_went_in()
    {
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        var answering = AnswerAsync();
        await using var system = await TestSystem.StartAsync(yaml: $$"""
            ReverseProxy:
              Routes: { a: { ClusterId: a, AuthorizationPolicy: anonymous, Match: { Path: "/a/{**rest}" } } }
              Clusters: { a: { Destinations: { a: { Address: "http://{{service.LocalEndpoint}}" } } } }
            """);

        var answer = await RawHttp.RequestAsync(system.Url, "/a/x");
        await answering;

        Assert.Contains(
            "Content-Disposition: attachment; filename=\u00c3\u00a9.pdf \u00e9\r\n",
            answer.Text,
            StringComparison.Ordinal);

        async Task AnswerAsync()
        {
            using var connection = await service.AcceptTcpClientAsync();
            Assert.NotEqual(0, await connection.GetStream().ReadAsync(new byte[4096]));
            await connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes(
                "HTTP/1.1 200 OK\r\n"
                    + "Content-Disposition: attachment; filename=\u00c3\u00a9.pdf \u00e9\r\n"
                    + "Content-Length: 0\r\n\r\n"));
        }
    }

    [Fact]
    public async Task A_prefix_to_remove_may_be_written_without_its_slash_as_YARP_allows()
    {
        await using var system = await TestSystem.StartAsync(
            yaml: TestSystem.DefaultYaml().Replace("PathRemovePrefix: /api", "PathRemovePrefix: api", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/api/x")).StatusCode);
        Assert.Equal("/x", system.Service.Only.Target);
    }

    [Fact]
    public async Task A_renewed_session_cookie_stands_beside_the_services_own()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        system.Kratos.ExtendSession(session.SessionId);

        var answer = await system.GetAsync("/private/x?header=Set-Cookie:a=1", $"Cookie: {session.CookieHeader}");

        Assert.Equal(["a", "ory_kratos_session"], answer.Headers.GetValues("Set-Cookie").Select(c => c.Split('=')[0]).Order());
    }

    private static string One(string more, string policy = "anonymous") => $$"""
        ReverseProxy:
          Routes:
            all: { ClusterId: echo, AuthorizationPolicy: {{policy}}, Match: { Path: "/{**rest}" }{{(more.Length > 0 ? ", " + more : "")}} }
          Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
        """;

    /// <summary>A body of unknown length: it is sent in chunks.</summary>
    private sealed class Streamed(string text) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
