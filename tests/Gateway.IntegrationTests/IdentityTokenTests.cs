using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevKratos;
using Gateway.IntegrationTests.Harness;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.IntegrationTests;

/// <summary>The identity token over whole gateways: what services get, and what they verify it with.</summary>
public sealed class IdentityTokenTests : IDisposable
{
    private const string Jwks = "/.well-known/jwks.json";
    private const string TokenHeader = "X-Identity-Token";

    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Key(string name) => Path.Combine(_folder, name);

    private async Task<string> NewKeyAsync(string name, string algorithm = "ES256")
    {
        var run = await GatewayCommand.RunAsync(["keys", "new", "--alg", algorithm, Key(name)]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return Key(name);
    }

    private static string Yaml(string? section) => $$"""
        {{section}}
        AccessRules:
          signed: { Session: Required, Mutators: [ { IdentityToken: { Audience: orders } } ] }
          maybe: { Session: Optional, Mutators: [ { IdentityToken: { Audience: orders } } ] }
        ReverseProxy:
          Routes:
            signed: { ClusterId: echo, AuthorizationPolicy: signed, Match: { Path: "/signed/{**rest}" } }
            set:
              ClusterId: echo
              AuthorizationPolicy: signed
              Match: { Path: "/set/{**rest}" }
              Transforms: [ { RequestHeader: X-Identity-Token, Set: forged } ]
            maybe: { ClusterId: echo, AuthorizationPolicy: maybe, Match: { Path: "/maybe/{**rest}" } }
            public: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: "/public/{**rest}" } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    private static string Section(string more, params string[] keys) =>
        $"IdentityToken: {{ Issuer: 'https://gateway.test', SigningKeys: [ "
            + string.Join(", ", keys.Select(key => $"{{ File: '{key}' }}")) + $" ] {more} }}";

    private static async Task<DevSession> SignInAsync(TestSystem system)
    {
        var traits = new JsonObject { ["email"] = "ann@example.org", ["roles"] = new JsonArray("admin", "staff") };
        return system.Kratos.SignIn((await system.Kratos.CreateIdentityAsync(traits: traits)).Id);
    }

    private static async Task<TokenValidationResult> VerifyAsync(TestSystem system, string token)
    {
        var keys = JsonWebKeySet.Create(await system.Client.GetStringAsync(Jwks));
        return await new JsonWebTokenHandler().ValidateTokenAsync(token, new()
        {
            ValidIssuer = "https://gateway.test",
            ValidAudience = "orders",
            IssuerSigningKeys = keys.GetSigningKeys(),
        });
    }

    [Theory]
    [InlineData("ES256", "/signed/x")]
    [InlineData("ES256", "/set/x")]
    [InlineData("RS256", "/signed/x")]
    [InlineData("RS256", "/maybe/x")]
    public async Task A_service_gets_a_token_that_verifies_with_the_published_keys(string algorithm, string path)
    {
        const string Claims = ", Claims: { roles: '{identity.traits.roles}', session: '{session}' }";
        var section = Section(Claims, await NewKeyAsync("a.pem", algorithm));
        await using var system = await TestSystem.StartAsync(yaml: Yaml(section));
        var session = await SignInAsync(system);

        var got = await system.ForwardedAsync(
            path, $"Cookie: {session.CookieHeader}", "X-Identity-Token: forged", "X_Identity~Token: forged");
        var again = await system.ForwardedAsync(path, $"Cookie: {session.CookieHeader}");

        var token = got.Header(TokenHeader)!;
        Assert.Equal(token, again.Header(TokenHeader));
        Assert.Null(got.Header("X_Identity~Token"));
        var result = await VerifyAsync(system, token);
        Assert.True(result.IsValid, result.Exception?.Message);
        var read = new JsonWebToken(token);
        Assert.Equal((algorithm, $"{session.IdentityId}"), (read.Alg, read.Subject));
        Assert.Equal(["admin", "staff"], read.GetPayloadValue<string[]>("roles"));
        Assert.Equal($"{session.SessionId}", read.GetPayloadValue<JsonElement>("session").GetProperty("id").GetString());
    }

    [Fact]
    public async Task The_keys_are_for_everybody_may_be_kept_for_a_minute_and_are_public_alone()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(Section("", await NewKeyAsync("a.pem"))));

        using var answer = await system.GetAsync(Jwks);
        using var head = await system.SendAsync(HttpMethod.Head, Jwks);
        using var post = await system.SendAsync(HttpMethod.Post, Jwks);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/jwk-set+json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("public, max-age=60", answer.Headers.CacheControl?.ToString());
        var key = (await TestSystem.JsonAsync(answer)).GetProperty("keys").EnumerateArray().Single();
        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal((HttpStatusCode.OK, ""), (head.StatusCode, await head.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.NotFound, post.StatusCode);
    }

    [Fact]
    public async Task Off_there_are_no_keys_and_a_clients_token_does_not_pass()
    {
        await using var system = await TestSystem.StartAsync();

        using var answer = await system.GetAsync(Jwks);
        var got = await system.ForwardedAsync("/public/x", "X-Identity-Token: forged");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Null(got.Header(TokenHeader));
    }

    [Fact]
    public async Task Who_is_nobody_gets_none_and_cannot_bring_one()
    {
        await using var system = await TestSystem.StartAsync(yaml: Yaml(Section("", await NewKeyAsync("a.pem"))));

        Assert.Null((await system.ForwardedAsync("/maybe/x", "X-Identity-Token: forged")).Header(TokenHeader));
        Assert.Null((await system.ForwardedAsync("/public/x", "X-Identity-Token: forged")).Header(TokenHeader));
    }

    [Fact]
    public async Task In_Authorization_it_stands_behind_Bearer_and_a_clients_is_replaced()
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml(Section(", Header: Authorization", await NewKeyAsync("a.pem"))));
        var session = await SignInAsync(system);

        var got = await system.ForwardedAsync("/signed/x", $"Cookie: {session.CookieHeader}", "Authorization: Bearer mine");
        var nobodys = await system.ForwardedAsync("/maybe/x", "Authorization: Bearer mine");
        var others = await system.ForwardedAsync("/public/x", "Authorization: Bearer mine");

        Assert.StartsWith("Bearer ey", got.Header("Authorization"), StringComparison.Ordinal);
        Assert.True((await VerifyAsync(system, got.Header("Authorization")!["Bearer ".Length..])).IsValid);
        Assert.Null(nobodys.Header("Authorization"));
        Assert.Equal("Bearer mine", others.Header("Authorization"));
    }

    [Fact]
    public async Task A_header_of_another_name_is_removed_everywhere()
    {
        await using var system = await TestSystem.StartAsync(
            yaml: Yaml(Section(", Header: X-Jwt-Assertion", await NewKeyAsync("a.pem"))));
        var session = await SignInAsync(system);

        var got = await system.ForwardedAsync("/signed/x", $"Cookie: {session.CookieHeader}", "X-Jwt-Assertion: forged");

        Assert.True((await VerifyAsync(system, got.Header("X-Jwt-Assertion")!)).IsValid);
        Assert.Null((await system.ForwardedAsync("/public/x", "X-Jwt-Assertion: forged")).Header("X-Jwt-Assertion"));
    }

    /// <summary>By a save of the configuration, and by a key file whose text changes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_signed_before_a_rotation_verifies_until_it_ends_and_one_after_it_at_once(bool inPlace)
    {
        var (one, two) = (await NewKeyAsync("one.pem"), await NewKeyAsync("two.pem"));
        await using var system = await TestSystem.StartAsync(yaml: Yaml(Section("", one)));
        var session = await SignInAsync(system);
        var cookie = $"Cookie: {session.CookieHeader}";
        var before = (await system.ForwardedAsync("/signed/x", cookie)).Header(TokenHeader)!;

        if (inPlace)
            File.Move(two, one, overwrite: true);
        else
            await system.WriteConfigAsync(Yaml(Section("", two)));
        var after = before;
        await TestSystem.UntilAsync(async () =>
        {
            after = (await system.ForwardedAsync("/signed/x", cookie)).Header(TokenHeader)!;
            Assert.True((await VerifyAsync(system, after)).IsValid);
            return new JsonWebToken(after).Kid != new JsonWebToken(before).Kid;
        });

        Assert.True((await VerifyAsync(system, before)).IsValid);
        system.Time.Advance(TimeSpan.FromMinutes(7));
        var result = await VerifyAsync(system, before);
        Assert.IsType<SecurityTokenSignatureKeyNotFoundException>(result.Exception);
    }

    [Fact]
    public async Task A_key_file_that_becomes_bad_is_refused_and_the_old_key_signs_on()
    {
        var one = await NewKeyAsync("one.pem");
        await using var system = await TestSystem.StartAsync(yaml: Yaml(Section("", one)));
        var session = await SignInAsync(system);
        await File.WriteAllTextAsync(one, "not a key");

        await TestSystem.UntilAsync(async () =>
            (await system.Client.GetStringAsync(new Uri(system.ManagementUrl, "/health/ready"))).Contains("SigningKeys:0:File"));

        var token = (await system.ForwardedAsync("/signed/x", $"Cookie: {session.CookieHeader}")).Header(TokenHeader)!;
        Assert.True((await VerifyAsync(system, token)).IsValid);
    }

    [Fact]
    public async Task Switched_on_and_off_while_running()
    {
        var plain = TestSystem.DefaultYaml();
        await using var system = await TestSystem.StartAsync(yaml: plain);
        await system.WriteConfigAsync(Yaml(Section("", await NewKeyAsync("a.pem"))));
        await TestSystem.UntilAsync(async () => await StatusAsync() is HttpStatusCode.OK);
        var session = await SignInAsync(system);
        Assert.NotNull((await system.ForwardedAsync("/signed/x", $"Cookie: {session.CookieHeader}")).Header(TokenHeader));

        await system.WriteConfigAsync(plain);
        await TestSystem.UntilAsync(async () => await StatusAsync() is HttpStatusCode.NotFound);

        async Task<HttpStatusCode> StatusAsync()
        {
            using var answer = await system.GetAsync(Jwks);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Keys_new_writes_for_its_owner_alone_and_over_nothing()
    {
        var path = await NewKeyAsync("a.pem");
        var text = await File.ReadAllTextAsync(path);

        var again = await GatewayCommand.RunAsync(["keys", "new", path]);
        var unknown = await GatewayCommand.RunAsync(["keys", "new", "--alg", "HS256", Key("b.pem")]);

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal((1, text), (again.ExitCode, await File.ReadAllTextAsync(path)));
        Assert.Contains("is not written", again.Error, StringComparison.Ordinal);
        Assert.Equal((1, false), (unknown.ExitCode, File.Exists(Key("b.pem"))));
    }
}
