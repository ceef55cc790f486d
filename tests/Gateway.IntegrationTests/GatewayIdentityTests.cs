using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Forwarding.Signing;
using Gateway.IntegrationTests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gateway.IntegrationTests;

/// <summary>
/// The services' side of the identity token: Gateway.Identity in WorldService, and the examples in other languages.
/// </summary>
public sealed class GatewayIdentityTests : IAsyncLifetime
{
    private const string Issuer = "https://gateway.test";

    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-identity-").FullName;
    private TestSystem _system = null!;
    private WebApplication _world = null!;

    private string KeyFile => Path.Combine(_folder, "key.pem");

    private Uri WorldUrl => new(_world.Urls.First());

    private Uri JwksUrl => new(_system.Url, "/.well-known/jwks.json");

    public async ValueTask InitializeAsync()
    {
        SigningKeyFile.Write(KeyFile, SigningKeyFile.NewPem("ES256"));
        _system = await TestSystem.StartAsync(yaml: Yaml("{service}"));
        _world = WorldService.Program.Build(
        [
            "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", $"--GatewayIdentity:Issuer={Issuer}",
            "--GatewayIdentity:Audience=world", $"--GatewayIdentity:JwksUrl={JwksUrl}",
        ]);
        await _world.StartAsync();
        await _system.WriteConfigAsync(Yaml(WorldUrl.ToString()));
        await TestSystem.UntilAsync(async () =>
        {
            using var answer = await _system.GetAsync("/world");
            return (await answer.Content.ReadAsStringAsync()).Contains("World", StringComparison.Ordinal);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _system.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Yaml(string world) => $$"""
        IdentityToken:
          Issuer: {{Issuer}}
          SigningKeys: [ { File: "{{KeyFile}}" } ]
          Claims:
            sid: "{session.id}"
            acr: "{session.authenticator_assurance_level}"
            email: "{identity.traits.email}"
            roles: "{identity.traits.roles}"
        AccessRules:
          world: { Session: Required, Mutators: [ { IdentityToken: { Audience: world } } ] }
        ReverseProxy:
          Routes:
            world: { ClusterId: world, AuthorizationPolicy: anonymous, Match: { Path: "/world" } }
            me: { ClusterId: world, AuthorizationPolicy: world, Match: { Path: "/world/me" } }
            echo: { ClusterId: echo, AuthorizationPolicy: world, Match: { Path: "/echo" } }
          Clusters:
            world: { Destinations: { a: { Address: "{{world}}" } } }
            echo: { Destinations: { a: { Address: "{service}" } } }
        """;

    private static SigningCredentials Credentials(string file) => SigningKeyFile.Read(file, out _)[0].Credentials;

    /// <summary>A token as the gateway signs it, but for what a test changes.</summary>
    private string Token(
        string issuer = Issuer, string audience = "world", double minutes = 5, SigningCredentials? credentials = null)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(_system.Time.GetUtcNow().ToUnixTimeSeconds());
        var payload = new JsonObject
        {
            ["iss"] = issuer,
            ["sub"] = "ann",
            ["aud"] = audience,
            ["iat"] = now.AddMinutes(minutes - 10).ToUnixTimeSeconds(),
            ["nbf"] = now.AddMinutes(minutes - 10).ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(minutes).ToUnixTimeSeconds(),
            ["roles"] = new JsonArray("admin", "quo\"ted"),
        };
        return new JsonWebTokenHandler().CreateToken(payload.ToJsonString(), credentials ?? Credentials(KeyFile));
    }

    /// <summary>What no service may take, by its fault.</summary>
    private string Bad(string fault)
    {
        var key = SigningKeyFile.Read(KeyFile, out _)[0];
        var other = Path.Combine(_folder, $"{Guid.NewGuid():N}.pem");
        SigningKeyFile.Write(other, SigningKeyFile.NewPem("ES256"));
        var forged = Credentials(other);
        if (fault is "forged, our key id")
            forged.Key.KeyId = key.Id;
        var good = Token();
        var secret = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(new string('x', 64))) { KeyId = key.Id };
        return fault switch
        {
            "forged" or "forged, our key id" => Token(credentials: forged),
            "expired" => Token(minutes: -5),
            "wrong audience" => Token(audience: "orders"),
            "wrong issuer" => Token(issuer: "https://elsewhere.test"),
            "alg: none" => $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{good.Split('.')[1]}.",
            "HS256" => Token(credentials: new(secret, SecurityAlgorithms.HmacSha256)),
            "changed" => $"{good.Split('.')[0]}.{Base64UrlEncoder.Encode("""{"sub":"root"}""")}.{good.Split('.')[2]}",
            _ => fault,
        };
    }

    public static TheoryData<string> Faults =>
    [
        "forged", "forged, our key id", "expired", "wrong audience", "wrong issuer", "alg: none", "HS256", "changed", "garbage",
        "",
    ];

    private async Task<HttpResponseMessage> AskWorldAsync(string token, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(WorldUrl, "/world/me"));
        request.Headers.TryAddWithoutValidation("X-Identity-Token", token);
        foreach (var header in headers)
            request.Headers.TryAddWithoutValidation(header.Split(':')[0], header.Split(':')[1]);
        return await _system.Client.SendAsync(request);
    }

    [Fact]
    public async Task World_me_comes_from_the_verified_token()
    {
        var session = await _system.Kratos.SignInNewAsync("ann@example.org");

        using var answer = await _system.GetAsync("/world/me", $"Cookie: {session.CookieHeader}", "X-Identity-Token: forged");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var me = await TestSystem.JsonAsync(answer);
        Assert.Equal($"{session.IdentityId}", me.GetProperty("id").GetString());
        Assert.Equal("ann@example.org", me.GetProperty("email").GetString());
        Assert.Equal($"{session.SessionId}", me.GetProperty("session_id").GetString());
        Assert.Equal("aal1", me.GetProperty("aal").GetString());
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task World_me_refuses_what_the_gateway_did_not_sign_for_it(string fault)
    {
        using var good = await AskWorldAsync(Token());
        using var bad = await AskWorldAsync(Bad(fault), "X-User-Id: eve", $"Authorization: Bearer {Token()}");

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, bad.StatusCode);
    }

    [Fact]
    public async Task A_new_key_is_known_at_the_first_token_that_it_signed()
    {
        using (var before = await AskWorldAsync(Token()))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        var session = await _system.Kratos.SignInNewAsync();
        var next = Path.Combine(_folder, "next.pem");
        SigningKeyFile.Write(next, SigningKeyFile.NewPem("RS256"));
        File.Move(next, KeyFile, overwrite: true);
        var id = SigningKeyFile.Read(KeyFile, out _)[0].Id;
        await TestSystem.UntilAsync(async () =>
            (await _system.Client.GetStringAsync(JwksUrl)).Contains(id, StringComparison.Ordinal));

        using var answer = await _system.GetAsync("/world/me", $"Cookie: {session.CookieHeader}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("verify.mjs")]
    [InlineData("verify.py")]
    public async Task The_example_agrees(string example)
    {
        var (program, problem) = await ProgramAsync(example);
        Assert.SkipWhen(problem is not null, problem ?? "");
        var session = await _system.Kratos.SignInNewAsync("ann@example.org");
        using var asked = await _system.GetAsync("/echo", $"Cookie: {session.CookieHeader}");
        var token = _system.Service.Received.Last(received => received.Target == "/echo").Header("X-Identity-Token")!;

        var (code, claims) = await RunAsync(program, Example(example), token);
        var faults = await Task.WhenAll(
            Faults.Select(async fault => (fault.Data, await RunAsync(program, Example(example), Bad(fault.Data)))));

        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(claims);
        Assert.Equal($"{session.IdentityId}", json.RootElement.GetProperty("sub").GetString());
        Assert.Equal("ann@example.org", json.RootElement.GetProperty("email").GetString());
        using var listed = JsonDocument.Parse((await RunAsync(program, Example(example), Token())).Output);
        var roles = listed.RootElement.GetProperty("roles").EnumerateArray().Select(role => role.GetString()!);
        Assert.Equal(["admin", "quo\"ted"], roles);
        Assert.All(faults, fault => Assert.NotEqual((fault.Data, 0), (fault.Data, fault.Item2.Code)));
    }

    private static string Example(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../docs/examples/identity-token", name));

    /// <summary>What runs the example, or why nothing does.</summary>
    private async Task<(string Program, string? Problem)> ProgramAsync(string example)
    {
        if (example.EndsWith(".mjs", StringComparison.Ordinal))
        {
            var hasJose = Directory.Exists(Path.Combine(Path.GetDirectoryName(Example(example))!, "node_modules", "jose"));
            return ("node", hasJose ? null : "jose is not installed: npm ci in docs/examples/identity-token");
        }
        foreach (var python in (string[])["python3", "/usr/bin/python3"])
            if ((await RunAsync(python, "-c", "import jwt, cryptography")).Code == 0) return (python, null);
        return ("", "PyJWT is not installed: apt-get install python3-jwt, or pip install pyjwt[crypto]");
    }

    private async Task<(int Code, string Output)> RunAsync(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ISSUER"] = Issuer;
        start.Environment["AUDIENCE"] = "world";
        start.Environment["JWKS_URL"] = JwksUrl.ToString();
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        await error;
        return (process.ExitCode, output);
    }
}
