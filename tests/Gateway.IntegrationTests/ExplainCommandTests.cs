using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Forwarding.Signing;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary><c>gateway explain</c> as an operator types it.</summary>
public sealed class ExplainCommandTests
{
    private const string Yaml = """
        Kratos: { PublicUrl: "http://127.0.0.1:1" }
        AccessRules:
          staff: { Session: Required, Require: [ { VerifiedEmail: true }, { Trait: { Path: email, EndsWith: "@example.org" } } ] }
        ReverseProxy:
          Routes:
            staff: { ClusterId: one, AuthorizationPolicy: staff, Match: { Path: "/staff/{**rest}", Methods: [ GET ] } }
            public: { ClusterId: one, AuthorizationPolicy: anonymous, Match: { Path: "/public/{**rest}" } }
            empty: { ClusterId: none, AuthorizationPolicy: anonymous, Match: { Path: "/empty" } }
          Clusters:
            one: { Destinations: { a: { Address: "http://10.0.0.1:8090" }, b: { Address: "http://10.0.0.2:8090" } } }
            none: {}
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refusal_is_told_with_its_condition_and_ends_with_2()
    {
        var result = await RunAsync(
            Yaml, ["explain", "GET", "/staff/x", "--session", "-", "--client", "203.0.113.7"], ScriptedKratos.Session);

        Assert.Equal("", result.Error);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            """
            GET /staff/x

            Route        staff
            Rule         staff (session: required)
            Caller       33333333-0000-0000-0000-000000000000 (by kratos, until 2126-01-01T00:00:00+00:00)
            Conditions   VerifiedEmail: fails; wanted a verified e-mail address in email that ends with "@example.org", found "a@example.org", not verified
                         Trait: holds; wanted email ends with "@example.org", found "a@example.org"
            Answer       403 forbidden, reason email_not_verified: This page is open to people with a verified e-mail address.

            """,
            result.Output);
    }

    [Fact]
    public async Task What_is_let_through_is_told_with_what_the_service_gets_and_ends_with_0()
    {
        var result = await RunAsync(
            Yaml,
            [
                "explain", "POST", "https://www.example.org/public/x?q=1", "--client", "203.0.113.7", "-H", "Cookie: theme=dark",
                "--header", "X-User-Id: forged", "--header", "X-Api-Key: s3cret", "--header", "X-Two: 1",
            ]);

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            """
            POST https://www.example.org/public/x?q=1

            Route        public
            Rule         anonymous (session: none)
            Caller       nobody known
            Service gets POST http://10.0.0.1:8090/public/x?q=1
                         Host: 10.0.0.1:8090
                         Cookie: ***
                         X-Api-Key: ***
                         X-Two: 1
                         X-Forwarded-For: 203.0.113.7
                         X-Forwarded-Proto: https
                         X-Forwarded-Host: www.example.org
                         X-Request-ID: explain
            Destination  a (http://10.0.0.1:8090) or b (http://10.0.0.2:8090)
            Answer       let through, the service answers

            """,
            result.Output);
    }

    [Fact]
    public async Task Programs_get_one_record()
    {
        var result = await RunAsync(Yaml, ["explain", "POST", "/staff/x", "--json"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            """
            {"method":"POST","url":"/staff/x",
            "near_misses":[{"route":"staff","because":[{"part":"method","wanted":"GET, HEAD","found":"POST"}]}],
            "conditions":[],
            "answer":{"allowed":false,"status":404,"reason":"no_route","id":"not_found","message":"There is nothing at this address."}}
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(result.Output)));
    }

    [Fact]
    public async Task A_route_whose_cluster_has_no_destination_is_503()
    {
        var result = await RunAsync(Yaml, ["explain", "GET", "/empty"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Answer       503 upstream_unavailable", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_navigation_is_told_where_it_is_sent()
    {
        var result = await RunAsync(Yaml, ["explain", "GET", "http://a.test/staff/x", "--header", "Accept: text/html"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Conditions   VerifiedEmail: not looked at; wanted a verified", result.Output, StringComparison.Ordinal);
        Assert.EndsWith(
            """
            Answer       302 session_required, reason no_session: This page needs you to be signed in.
            Location     /kratos/self-service/login/browser?return_to=http%3A%2F%2Fa.test%2Fstaff%2Fx

            """,
            result.Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Which request? Write gateway explain GET https://host/path.")]
    [InlineData("\"/x\" is only a method or a URL, both are needed: write gateway explain GET https://host/path.", "/x")]
    [InlineData("\"y\" is too much: write gateway explain GET https://host/path.", "GET", "/x", "y")]
    [InlineData("\"G T\" is no method: write GET, POST and so on, then the URL.", "G T", "/x")]
    [InlineData("\"x\" is no URL: write http://host/path, https://host/path or /path.", "GET", "x")]
    [InlineData("\"http:///x\" has no host that a client would send: write http://host/path.", "GET", "http:///x")]
    [InlineData("The URL holds U+00E9, which no client sends like that: write it percent-encoded.", "GET", "/\u00e9")]
    [InlineData("A header is no header: write \"Name: value\", such as \"Accept: text/html\".", "GET", "/x", "-H", "s3cret")]
    [InlineData("\"here\" is no address of a client: write an IP address such as 203.0.113.7.", "GET", "/x", "--client", "here")]
    [InlineData("/nowhere cannot be read: Could not find file '/nowhere'.", "GET", "/x", "--session", "/nowhere")]
    [InlineData(
        "Only one of a session token and a cookie can be the credential: choose one.",
        "GET", "/x", "--cookie", "s3cret", "--session-token", "s3cret")]
    [InlineData(
        "A session token or cookie is one line of ASCII: give it as the browser sends it.",
        "GET", "/x", "--cookie", "s3cret\n")]
    [InlineData("\"x\" is no management address: write --url http://127.0.0.1:8001.", "GET", "/x", "--url", "x")]
    [InlineData("--running and --url name two gateways: leave one of them out.", "GET", "/x", "--url", "http://a", "--running")]
    [InlineData(
        "--token-file is for a gateway that runs: add --running, or --url and its management address.",
        "GET", "/x", "--token-file", "x")]
    [InlineData(
        "The token cannot be read: Could not find file '/nowhere'.",
        "GET", "/x", "--running", "--token-file", "/nowhere")]
    [InlineData("Required argument missing for option: '--cookie'.", "GET", "/x", "--cookie")]
    public async Task A_mistake_is_one_line_and_ends_with_1(string line, params string[] args)
    {
        var result = await RunAsync(Yaml, ["explain", .. args]);

        Assert.Equal(line, result.Error.TrimEnd('\n'));
        Assert.Equal("", result.Output);
        Assert.Equal(1, result.ExitCode);
    }

    [Theory]
    [InlineData("{", "Standard input is not JSON: save what GET /sessions/whoami answers.")]
    [InlineData(
        "{}", "The session is none: give what GET /sessions/whoami answers, with id, active, expires_at and identity.id.")]
    public async Task A_session_that_is_none_is_one_line(string session, string line)
    {
        var result = await RunAsync(Yaml, ["explain", "GET", "/staff/x", "--session", "-"], session);

        Assert.Equal((line, 1), (result.Error.TrimEnd('\n'), result.ExitCode));
    }

    [Fact]
    public async Task Arguments_that_others_must_not_see_stand_in_a_file()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "--header \"X-A: b c\"\n--client 203.0.113.9\n", Cancelled);

        var result = await RunAsync(Yaml, ["explain", "GET", "/public/x", $"@{file}"]);
        File.Delete(file);

        Assert.Contains("X-A: b c\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-For: 203.0.113.9", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_configuration_is_told_as_validate_tells_it()
    {
        const string Bad = "Kratos: { PublicUrl: nonsense }";

        var validated = await RunAsync(Bad, ["validate"]);
        var explained = await RunAsync(Bad, ["explain", "GET", "/x"]);

        Assert.NotEqual("", validated.Error);
        Assert.Equal(WithoutFile(validated.Error), WithoutFile(explained.Error));
        Assert.Equal(1, explained.ExitCode);

        static string WithoutFile(string text) => Regex.Replace(text, @"[\w/]*tmp\w+\.yaml", "FILE");
    }

    [Fact]
    public async Task The_gateway_that_runs_is_asked_by_its_address_and_by_its_configuration()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-explain-").FullName;
        var token = Path.Combine(folder, "token");
        await File.WriteAllTextAsync(token, "t0ken\n", Cancelled);
        await using var system = await TestSystem.StartAsync([$"--Management:TokenFile={token}"]);
        var session = await system.Kratos.SignInNewAsync("anna@example.org");
        string[] request = ["explain", "GET", "/staff/x", "--cookie", session.Cookie];
        var address = system.ManagementUrl.ToString();

        var byAddress = await RunAsync("{}", [.. request, "--url", address, "--token-file", token]);
        var byConfiguration = await RunAsync(
            "{}", [.. request, "--running", $"--Management:Url={address}", $"--Management:TokenFile={token}"]);
        var withoutToken = await RunAsync("{}", [.. request, "--url", address]);
        var nowhere = await RunAsync("{}", [.. request, "--url", "http://127.0.0.1:1"]);
        Directory.Delete(folder, recursive: true);

        Assert.Contains("Trait: holds; wanted email ends with \"@example.org\"", byAddress.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(session.Cookie, byAddress.Output, StringComparison.Ordinal);
        Assert.Equal(byAddress, byConfiguration);
        Assert.Equal("Send Authorization: Bearer and the text of Management:TokenFile.\n", withoutToken.Error);
        Assert.StartsWith(
            "No gateway's management listener answers at http://127.0.0.1:1/: ", nowhere.Error, StringComparison.Ordinal);
        Assert.Equal((1, 1), (withoutToken.ExitCode, nowhere.ExitCode));
    }

    [Fact]
    public async Task A_token_or_cookie_is_shown_to_Kratos_and_to_nobody_else()
    {
        await using var system = await TestSystem.StartAsync();
        var session = await system.Kratos.SignInNewAsync("anna@example.org");
        string[] request =
        [
            "explain", "GET", "/private/x", "--config", system.ConfigFile, $"--Kratos:PublicUrl={system.Kratos.PublicUrl}",
        ];

        var byToken = await GatewayCommand.RunAsync([.. request, "--session-token", session.Token]);
        var byCookie = await GatewayCommand.RunAsync([.. request, "--cookie", $"a=b; {session.CookieHeader}"]);
        var byValue = await GatewayCommand.RunAsync([.. request, "--cookie", session.Cookie]);
        var unknown = await GatewayCommand.RunAsync([.. request, "--session-token", "ory_st_unknown"]);

        Assert.Equal((0, 0, 0, 2), (byToken.ExitCode, byCookie.ExitCode, byValue.ExitCode, unknown.ExitCode));
        Assert.All([byToken, byCookie, byValue], result =>
        {
            Assert.Contains($"X-User-Id: {session.IdentityId}", result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(session.Cookie, result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(session.Token, result.Output, StringComparison.Ordinal);
        });
        Assert.Contains("401 session_required, reason session_invalid", unknown.Output, StringComparison.Ordinal);
        Assert.Empty(system.Service.Received);
    }

    [Fact]
    public async Task A_signed_token_is_never_shown_and_what_a_path_captured_is()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-explain-").FullName;
        var key = Path.Combine(folder, "key.pem");
        SigningKeyFile.Write(key, SigningKeyFile.NewPem("ES256"));
        var yaml = $$"""
            Kratos: { PublicUrl: "http://127.0.0.1:1" }
            IdentityToken: { Issuer: "https://a.test", Header: X-Jwt, SigningKeys: [ { File: "{{key}}" } ] }
            AccessRules:
              one: { Session: Required, Mutators: [ { Headers: { X-Room: "{match.0}" } }, { IdentityToken: { Audience: one } } ] }
            ReverseProxy:
              Routes: { one: { ClusterId: one, AuthorizationPolicy: one, Match: { Path: "/rooms/{room}" } } }
              Clusters: { one: { Destinations: { a: { Address: "http://10.0.0.1:8090" } } } }
            """;

        var result = await RunAsync(yaml, ["explain", "GET", "/rooms/7", "--session", "-"], ScriptedKratos.Session);
        Directory.Delete(folder, recursive: true);

        Assert.Equal("", result.Error);
        Assert.Contains("X-Jwt: ***\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", result.Output, StringComparison.Ordinal);
        Assert.Contains("X-Room: 7\n", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The command over a file with this text.</summary>
    internal static async Task<ProcessResult> RunAsync(string yaml, string[] args, string? input = null)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, yaml, Cancelled);
            var yamlFile = Path.ChangeExtension(file, ".yaml");
            File.Move(file, yamlFile);
            file = yamlFile;
            return await GatewayCommand.RunAsync([args[0], "--config", file, .. args[1..]], input: input);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
