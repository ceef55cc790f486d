using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>A service hears who is calling from the gateway alone.</summary>
public sealed class IdentityHeaderTests
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
            "/private/x", $"Cookie: {session.CookieHeader}", "X-User-Id: forged", "X-Missing: forged",
            "X-Who: forged");

        var received = system.Service.Only;
        Assert.Equal("Zoë Ølsen 😀", received.Header("X-Who"));
        Assert.Equal("schema:default", received.Header("X-Schema"));
        Assert.Equal("true", received.Header("X-Active"));
        Assert.Equal("[\"a\",\"b\"]", received.Header("X-Role"));
        Assert.Null(received.Header("X-Missing")); // hdr-overwrite-empty: Oathkeeper would send it empty
        Assert.Null(received.Header("X-User-Id")); // no longer the gateway's, and still what services believe
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

        Assert.Null(system.Service.Only.Header("X-Name"));
        Assert.Null(system.Service.Only.Header("X-Admin"));
    }

    [Fact]
    public async Task A_transform_cannot_take_the_place_of_an_identity_header()
    {
        await using var system = await TestSystem.StartAsync(yaml: """
            ReverseProxy:
              Routes:
                all: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/{who}" }, Transforms: [ { RequestHeaderRouteValue: X-User-Id, Set: who } ] }
              Clusters: { echo: { Destinations: { a: { Address: "{service}" } } } }
            """);

        await system.GetAsync("/admin");

        Assert.Null(system.Service.Only.Header("X-User-Id"));
    }
}
