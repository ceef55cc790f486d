using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// What a service sees: the request as it came, the caller's identity from the gateway alone, and where it came from.
/// </summary>
public sealed class ForwardingTests
{
    /// <summary>Unlike Oathkeeper (its case hdr-spoof-passthrough) also on routes that set no identity.</summary>
    [Theory]
    [InlineData("X-User-Id")]
    [InlineData("x-user-id")]
    [InlineData("X_User_Id")]
    [InlineData("X.User.Id")]
    [InlineData("X-User_Id")]
    [InlineData("X_USER.ID")]
    [InlineData("X-User-Email")]
    [InlineData("X_User_Email")]
    [InlineData("X-Session-Id")]
    [InlineData("X_Session.Aal")]
    [InlineData("X-Forwarded-User")]
    [InlineData("X_Forwarded_Groups")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded")]
    [InlineData("Forwarded")]
    [InlineData("X-Original-URL")]
    [InlineData("X_Original_URL")]
    [InlineData("X-Original-Uri")]
    [InlineData("X-Original-Method")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-Method-Override")]
    [InlineData("X-Real-IP")]
    [InlineData("X_Real_IP")]
    [InlineData("X-Client-IP")]
    [InlineData("Client-IP")]
    [InlineData("True-Client-IP")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Cluster-Client-IP")]
    [InlineData("X-Content-Length")]
    public async Task A_caller_cannot_forge_what_only_the_gateway_may_say(string name)
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();

        foreach (var path in (string[])["/public/x", "/optional/x", "/private/x", "/api/x"])
        {
            system.Service.Forget();
            var answer = await RawHttp.RequestAsync(
                system.Url, path, "GET", $"{name}: forged", $"{name}: forged too", $"Connection: {name}",
                $"Cookie: {session.CookieHeader}");

            Assert.Equal(200, answer.Status);
            Assert.DoesNotContain(system.Service.Only.Headers, h => h.Value.Contains("forged", StringComparison.Ordinal));
            if (path is "/private/x")
                Assert.Equal(session.IdentityId.ToString(), system.Service.Only.Header("X-User-Id"));
        }
    }

    [Theory]
    [InlineData("/kratos/self-service/login/api")]
    [InlineData("/auth/login")]
    public async Task Kratos_and_its_pages_are_told_no_identity_and_no_forged_origin(string path)
    {
        await using var inner = await EchoService.StartAsync();
        await using var system = await TestSystem.StartAsync([
            $"--Kratos:PublicUrl={inner.Url}", $"--SelfService:Url={inner.Url}",
        ]);

        await system.GetAsync(
            path + "?x=%2F", "X-User-Id: forged", "X_User_Id: forged", "X-Original-URI: forged", "True-Client-IP: forged",
            "X-Real-IP: forged", "X-Forwarded-For: 9.9.9.9", "X-Forwarded-Host: forged",
            "Cookie: a=b; ory_kratos_session=s; csrf_token_1=c");

        var received = inner.Only;
        Assert.DoesNotContain(received.Headers, h => h.Value.Contains("forged", StringComparison.Ordinal));
        Assert.Equal("127.0.0.1", received.Header("X-Forwarded-For"));
        Assert.Equal("a=b; ory_kratos_session=s; csrf_token_1=c", received.Header("Cookie"));
        Assert.Equal(
            path.StartsWith("/auth", StringComparison.Ordinal) ? path + "?x=%2F" : null,
            received.Header("X-Original-URI"));
        Assert.Equal((path.StartsWith("/auth", StringComparison.Ordinal) ? path : path[7..]) + "?x=%2F", received.Target);
    }

    [Fact]
    public async Task A_websocket_is_forwarded_with_the_identity_and_without_forged_headers()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"a=b; {session.CookieHeader}");
        socket.Options.SetRequestHeader("X-User-Id", "forged");
        socket.Options.SetRequestHeader("X_User_Id", "forged");
        var address = new UriBuilder(system.Url) { Scheme = "ws", Path = "/private/socket" }.Uri;

        await socket.ConnectAsync(address, TestContext.Current.CancellationToken);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var buffer = new byte[16];
        var message = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, message.Count));
        Assert.Equal(session.IdentityId.ToString(), system.Service.Only.Header("X-User-Id"));
        Assert.Equal("a=b", system.Service.Only.Header("Cookie"));
        Assert.DoesNotContain(system.Service.Only.Headers, h => h.Value.Contains("forged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_websocket_without_a_session_is_refused_before_the_service_sees_it()
    {
        await using var system = await TestSystem.StartAsync();
        using var socket = new ClientWebSocket();

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(
            new UriBuilder(system.Url) { Scheme = "ws", Path = "/private/socket" }.Uri,
            TestContext.Current.CancellationToken));

        Assert.Empty(system.Service.Received);
    }

    [Fact]
    public async Task The_identity_comes_in_the_four_headers_unless_configured_otherwise()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync("anna@example.org", aal2: true);

        await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}");

        var received = system.Service.Only;
        Assert.Equal(session.IdentityId.ToString(), received.Header("X-User-Id"));
        Assert.Equal("anna@example.org", received.Header("X-User-Email"));
        Assert.Equal(session.SessionId.ToString(), received.Header("X-Session-Id"));
        Assert.Equal("aal2", received.Header("X-Session-Aal"));
    }

    [Fact]
    public async Task Templates_make_headers_of_what_Kratos_knows()
    {
        await using var system = await TestSystem.StartAsync(
        [
            "--Forwarding:IdentityHeaders:X-Who={identity.traits.name.first} {identity.traits.name.last}",
            "--Forwarding:IdentityHeaders:X-Schema=schema:{identity.schema_id}",
            "--Forwarding:IdentityHeaders:X-Missing={identity.traits.missing}",
            "--Forwarding:IdentityHeaders:X-Active={session.active}",
            "--Forwarding:IdentityHeaders:X-Role={identity.metadata_public.roles}",
        ]);
        var person = await system.Kratos.CreateIdentityAsync(traits: new JsonObject
        {
            ["email"] = "zoe@example.org",
            ["name"] = new JsonObject { ["first"] = "Zoë", ["last"] = "Ølsen 😀" },
        });
        system.Kratos.SetMetadata(person.Id, new JsonObject { ["roles"] = new JsonArray("a", "b") });
        var session = system.Kratos.SignIn(person.Id);

        await system.GetAsync(
            "/private/x", $"Cookie: {session.CookieHeader}", "X-User-Id: its own business now", "X-Missing: forged",
            "X-Who: forged");

        var received = system.Service.Only;
        Assert.Equal("Zoë Ølsen 😀", received.Header("X-Who"));
        Assert.Equal("schema:default", received.Header("X-Schema"));
        Assert.Equal("true", received.Header("X-Active"));
        Assert.Equal("[\"a\",\"b\"]", received.Header("X-Role"));
        Assert.Null(received.Header("X-Missing")); // hdr-overwrite-empty: Oathkeeper would send it empty
        Assert.Equal("its own business now", received.Header("X-User-Id"));
    }

    [Fact]
    public async Task Control_characters_in_a_trait_cannot_end_the_header()
    {
        await using var system =
            await TestSystem.StartAsync(["--Forwarding:IdentityHeaders:X-Name={identity.traits.name.first}"]);
        var person = await system.Kratos.CreateIdentityAsync(traits: new JsonObject
        {
            ["email"] = "eve@example.org",
            ["name"] = new JsonObject { ["first"] = "Eve\r\nX-Admin: yes\u0000\u0085" },
        });
        var session = system.Kratos.SignIn(person.Id);

        Assert.Equal(HttpStatusCode.OK, (await system.GetAsync("/private/x", $"Cookie: {session.CookieHeader}")).StatusCode);

        Assert.Equal("EveX-Admin: yes", system.Service.Only.Header("X-Name"));
        Assert.Null(system.Service.Only.Header("X-Admin"));
    }

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
    public async Task A_service_is_told_where_the_request_came_from_by_the_gateway_alone()
    {
        await using var system = await TestSystem.StartAsync();

        var answer = await system.GetAsync(
            "/public/x", "Host: app.example:8443", "X-Forwarded-For: 9.9.9.9", "X-Forwarded-Proto: https",
            "X-Forwarded-Host: evil", "Forwarded: for=9.9.9.9", "X-Request-Id: forged");

        var received = system.Service.Only;
        Assert.Equal("127.0.0.1", received.Header("X-Forwarded-For"));
        Assert.Equal("http", received.Header("X-Forwarded-Proto"));
        Assert.Equal("app.example:8443", received.Header("X-Forwarded-Host"));
        Assert.Equal(system.Service.Url.Authority, received.Header("Host"));
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), received.Header("X-Request-Id"));
        Assert.NotEqual("forged", received.Header("X-Request-Id"));
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7, 10.1.2.3", "203.0.113.7")]
    // What the client claimed before the first trusted proxy is not believed.
    [InlineData("9.9.9.9, 203.0.113.7, 10.1.2.3", "203.0.113.7")]
    [InlineData("[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("garbage", "127.0.0.1")]
    public async Task A_trusted_proxys_word_is_believed_up_to_the_first_stranger(string chain, string client)
    {
        await using var system = await TestSystem.StartAsync([
            "--Network:TrustedProxies:0=127.0.0.1", "--Network:TrustedProxies:1=10.0.0.0/8",
        ]);

        await system.GetAsync(
            "/public/x", $"X-Forwarded-For: {chain}", "X-Forwarded-Proto: https", "X-Forwarded-Host: app.example",
            "X-Real-IP: 9.9.9.9");

        var received = system.Service.Only;
        Assert.Equal(client, received.Header("X-Forwarded-For"));
        Assert.DoesNotContain(received.Headers, h =>
            h.Key.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase) || h.Key is "X-Real-IP");
        if (client != "127.0.0.1")
            Assert.Equal(("https", "app.example"), (received.Header("X-Forwarded-Proto"), received.Header("X-Forwarded-Host")));
    }

    [Fact]
    public async Task A_proxy_that_is_not_trusted_is_not_believed()
    {
        await using var system = await TestSystem.StartAsync(["--Network:TrustedProxies:0=10.0.0.0/8"]);

        await system.GetAsync(
            "/public/x", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: app.example");

        var received = system.Service.Only;
        Assert.Equal(
            ("127.0.0.1", "http", system.Url.Authority),
            (received.Header("X-Forwarded-For"), received.Header("X-Forwarded-Proto"), received.Header("X-Forwarded-Host")));
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
    public async Task A_transform_cannot_take_the_place_of_an_identity_header()
    {
        await using var system = await TestSystem.StartAsync(yaml: """
            ReverseProxy:
              Routes: { all: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/{who}" }, Transforms: [ { RequestHeaderRouteValue: X-User-Id, Set: who } ] } }
              Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
            """);

        await system.GetAsync("/admin");

        Assert.Null(system.Service.Only.Header("X-User-Id"));
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
          Routes: { all: { ClusterId: echo, AuthorizationPolicy: {{policy}}, Match: { Path: "/{**rest}" }{{(more.Length > 0 ? ", " + more : "")}} } }
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

    [Fact]
    public async Task The_frameworks_switch_for_forwarded_headers_does_not_make_everybody_a_trusted_proxy()
    {
        await using var system = await TestSystem.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(system);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/public/x");
        request.Headers.Add("X-Forwarded-For", "6.6.6.6");

        await gateway.Client.SendAsync(request);

        Assert.Equal("127.0.0.1", system.Service.Only.Header("X-Forwarded-For"));
    }
}
