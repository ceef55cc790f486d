using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>What <c>Forwarding:RemoveHeaders</c> and what routes match on mean to the services.</summary>
public sealed class HeaderRemovalTests
{
    private const string Yaml = """
        AccessRules:
          told:
            Session: Required
            Mutators: [ { Headers: { Remote-User: "{identity.id}", X-Consumer-Username: "{caller.subject}" } } ]
        ReverseProxy:
          Routes:
            gold:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/tenant/{**rest}", Headers: [ { Name: X-Tenant, Values: [ gold ] } ] }
              Transforms: [ { PathPrefix: /gold } ]
            others: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/tenant/{**rest}" } }
            told: { ClusterId: echo, AuthorizationPolicy: told, Match: { Path: "/told/{**rest}" } }
            root:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/root/{**rest}", Headers: [ { Name: X-User, Values: [ root ] } ] }
            set:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              Match: { Path: "/set/{**rest}" }
              Transforms: [ { RequestHeader: X-Consumer-Username, Set: gateway }, { RequestHeader: X-User, Append: more } ]
            public: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/public/{**rest}" } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    [Theory]
    [InlineData("X_Tenant")]
    [InlineData("x.tenant")]
    [InlineData("X~TENANT")]
    public async Task A_header_that_a_route_matches_on_has_one_spelling(string alias)
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml);

        var gold = await system.ForwardedAsync("/tenant/x", "X-Tenant: gold", $"{alias}: platinum");
        Assert.Equal(("/gold/tenant/x", "gold", null), (gold.Target, gold.Header("X-Tenant"), gold.Header(alias)));

        // On the other routes as well: one that says it in another spelling is not taken by the route that matches.
        foreach (var path in (string[])["/tenant/x", "/public/x", "/set/x"])
        {
            var other = await system.ForwardedAsync(path, "x-tenant: iron", $"{alias}: gold");
            Assert.Equal((path == "/tenant/x" ? path : other.Target, "iron"), (other.Target, other.Header("X-Tenant")));
            Assert.Null(other.Header(alias));
        }
    }

    [Fact]
    public async Task A_route_still_matches_on_what_its_service_does_not_get()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml);

        var got = await system.ForwardedAsync("/root/x", "X-User: root");

        Assert.Null(got.Header("X-User"));
        using var other = await system.GetAsync("/root/x", "X-User: eve");
        Assert.Equal(404, (int)other.StatusCode);
    }

    [Fact]
    public async Task What_a_mutator_or_a_transform_sets_arrives()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml);
        var session = await system.Kratos.SignInNewAsync();

        var told = await system.ForwardedAsync(
            "/told/x", $"X-Session-Token: {session.Token}", "Remote-User: eve", "Remote_User: eve", "X-Consumer-Username: eve");
        Assert.Equal($"{session.IdentityId}", told.Header("Remote-User"));
        Assert.Equal($"{session.IdentityId}", told.Header("X-Consumer-Username"));
        Assert.Null(told.Header("Remote_User"));

        var set = await system.ForwardedAsync("/set/x", "X-Consumer-Username: eve", "X-User: eve", "X_User: eve");
        Assert.Equal(("gateway", "more"), (set.Header("X-Consumer-Username"), set.Header("X-User")));
        Assert.Null(set.Header("X_User"));
    }

    [Fact]
    public async Task The_list_can_be_longer_and_shorter()
    {
        await using var system = await TestSystem.StartAsync(
            [
                "--Forwarding:RemoveHeaders:0=X-Corp-*", "--Forwarding:RemoveHeaders:1=Staff",
                "--Forwarding:KeepHeaders:0=X-Scheme", "--Forwarding:KeepHeaders:1=X-Auth-Request-Redirect",
            ],
            Yaml);
        foreach (var path in (string[])["/public/x", "/set/x"])
        {
            var got = await system.ForwardedAsync(
                path, "X-Corp-User: eve", "x_corp_role: eve", "STAFF: eve", "X-Scheme: kept", "X_Scheme: eve", "X-Corporal: kept",
                "x-auth-request-redirect: kept", "X-Auth-Request-User: eve", "Remote-User: eve");

            Assert.DoesNotContain("eve", string.Join('|', got.Headers.Select(header => header.Value)), StringComparison.Ordinal);
            Assert.Equal("kept", got.Header("X-Scheme"));
            Assert.Equal("kept", got.Header("X-Auth-Request-Redirect"));
            Assert.Equal("kept", got.Header("X-Corporal"));
        }
    }

    /// <summary>Whether the gateway's peer is trusted counts, not whom it names as the client.</summary>
    [Theory]
    [InlineData("127.0.0.1", "SUCCESS")]
    [InlineData("10.0.0.0/8", null)]
    public async Task A_trusted_proxys_word_passes_where_the_configuration_says_so(string trusted, string? verified)
    {
        await using var system = await TestSystem.StartAsync(
            [$"--Network:TrustedProxies:0={trusted}", "--Forwarding:KeepFromTrustedProxies:0=X-SSL-Client-*"], Yaml);
        foreach (var path in (string[])["/public/x", "/set/x"])
        {
            var got = await system.ForwardedAsync(
                path, "X-Forwarded-For: 203.0.113.7", "X-SSL-Client-Verify: SUCCESS", "X_SSL_Client_Verify: FORGED",
                "Remote-User: eve");

            Assert.Equal(verified, got.Header("X-SSL-Client-Verify"));
            Assert.Null(got.Header("X_SSL_Client_Verify"));
            Assert.Null(got.Header("Remote-User"));
        }
    }

    [Theory]
    [InlineData("Forwarding: { RemoveHeaders: [ \"*\" ] }", "Forwarding:RemoveHeaders:0", "not a header name")]
    [InlineData("Forwarding: { RemoveHeaders: [ \"X-*-User\" ] }", "Forwarding:RemoveHeaders:0", "not a header name")]
    [InlineData("Forwarding: { RemoveHeaders: [ \"X User\" ] }", "Forwarding:RemoveHeaders:0", "not a header name")]
    [InlineData("Forwarding: { RemoveHeaders: [ \"Content-*\" ] }", "Forwarding:RemoveHeaders:0", "Content-Length")]
    [InlineData("Forwarding: { KeepHeaders: [ X-Other ] }", "Forwarding:KeepHeaders:0", "passes anyway")]
    [InlineData("Forwarding: { KeepHeaders: [ X-Forwarded-User ] }", "Forwarding:KeepHeaders:0", "the gateway alone sets")]
    [InlineData("Forwarding: { KeepHeaders: [ X-Request-Id ] }", "Forwarding:KeepHeaders:0", "the gateway alone sets")]
    [InlineData(
        "Forwarding: { KeepFromTrustedProxies: [ Remote-User ] }", "Forwarding:KeepFromTrustedProxies", "Network:TrustedProxies")]
    [InlineData("Forwarding: { IdentityHeaders: { Proxy: \"{identity.id}\" } }", "IdentityHeaders:Proxy", "choose a name")]
    [InlineData(
        "AccessRules: { r: { Session: None, Mutators: [ { Headers: { Proxy: x } } ] } }", "Headers:Proxy", "choose a name")]
    [InlineData(
        "AccessRules: { r: { Session: None, Mutators: [ { Headers: { HTTP2_Settings: x } } ] } }", "Headers:HTTP2_Settings",
        "choose a name")]
    [InlineData(
        "AccessRules: { r: { Session: None, Mutators: [ { Headers: { X_User_Id: x } } ] } }", "Headers:X_User_Id", "X-User-Id")]
    [InlineData(
        "IdentityToken: { Issuer: \"https://a.test\", Header: X_User_Id }", "IdentityToken:Header", "same header as X-User-Id")]
    [InlineData(
        "IdentityToken: { Issuer: \"https://a.test\", Header: X-User-Id }", "IdentityToken:Header", "same header as X-User-Id")]
    [InlineData(
        """
        IdentityToken: { Issuer: "https://a.test", Header: X-Who }
        AccessRules: { r: { Session: None, Mutators: [ { Headers: { X_Who: x } } ] } }
        """,
        "Headers:X_Who",
        "IdentityToken:Header")]
    [InlineData(
        """
        ReverseProxy:
          Routes:
            a: { ClusterId: c, Match: { Path: /a, Headers: [ { Name: X-Tenant, Values: [ x ] } ] } }
            b: { ClusterId: c, Match: { Path: /b, Headers: [ { Name: X_Tenant, Values: [ x ] } ] } }
          Clusters: { c: { Destinations: { a: { Address: "http://a" } } } }
        """,
        "Routes:b:Match:Headers:0:Name",
        "same header as X-Tenant")]
    public async Task Mistakes_are_named_with_their_place_and_cure(string yaml, string place, string cure) =>
        await Mistakes.AssertNamedAsync(
            $"Kratos: {{ PublicUrl: \"http://127.0.0.1:1\" }}\n{yaml}", place, cure, "--Environment=Development");
}
