using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Every mistake in the configuration stops the start, all at once, each with its file, key, value and cure.</summary>
public sealed class ConfigurationTests
{
    private const string Kratos = "--Kratos:PublicUrl=http://127.0.0.1:4433";

    private static string Routes(string route, string cluster = "{ Destinations: { a: { Address: \"http://127.0.0.1:1\" } } }") =>
        $$"""
        ReverseProxy:
          Routes: { r: {{route}} }
          Clusters: { c: {{cluster}} }
        """;

    private const string FiveMistakes = """
        Kratos:
          PublicUrl: ftp://user:hunter2@kratos
          Timeot: 2
        Sessions:
          CacheDuration: 30
        AccessRules:
          staff: { Session: Required, Require: [ { VerifiedMail: true } ] }
        ReverseProxy:
          Routes:
            hello: { ClusterId: hello, AuthorisationPolicy: staff, Match: { Path: "/hello" } }
          Clusters:
            hello: { Destinations: { a: { Address: "http://127.0.0.1:1" } } }
        """;

    [Fact]
    public async Task Five_mistakes_are_named_at_once()
    {
        var mistakes = await Mistakes.OfAsync(FiveMistakes);

        Assert.Contains(mistakes, m => m.StartsWith(
            "gateway.yaml: Kratos:Timeot = \"2\" is an unknown key: did you mean Timeout?",
            StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.StartsWith(
            "gateway.yaml: Sessions:CacheDuration = \"30\" is not a duration: write hh:mm:ss",
            StringComparison.Ordinal));
        Assert.Contains(mistakes, m =>
            m.StartsWith("gateway.yaml: AccessRules:staff:Require:0:VerifiedMail", StringComparison.Ordinal)
            && m.EndsWith("did you mean VerifiedEmail?", StringComparison.Ordinal));
        Assert.Contains(mistakes, m =>
            m.StartsWith("gateway.yaml: ReverseProxy:Routes:hello:AuthorisationPolicy = \"staff\"", StringComparison.Ordinal)
            && m.EndsWith("did you mean AuthorizationPolicy?", StringComparison.Ordinal));
        Assert.Contains(mistakes, m => m.StartsWith("gateway.yaml: Kratos:PublicUrl", StringComparison.Ordinal));
        Assert.Equal(5, mistakes.Count);
        Assert.DoesNotContain(mistakes, m => m.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("")]
    public async Task The_program_names_them_on_the_error_output_and_fails(string verb)
    {
        var file = Path.GetTempFileName() + ".yaml";
        await File.WriteAllTextAsync(file, FiveMistakes, TestContext.Current.CancellationToken);
        try
        {
            string[] verbs = verb.Length > 0 ? [verb] : [];

            var result = await GatewayCommand.RunAsync([.. verbs, "--config", file, "--Urls=http://127.0.0.1:0"]);

            Assert.Equal(1, result.ExitCode);
            Assert.StartsWith($"{file}: the configuration has 5 mistakes:", result.Error, StringComparison.Ordinal);
            string[] keys =
            [
                "Kratos:Timeot", "Kratos:PublicUrl", "Sessions:CacheDuration", "VerifiedMail", "AuthorisationPolicy",
            ];
            foreach (var key in keys)
                Assert.Contains(key, result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", result.Error + result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", result.Error + result.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("Kratoss: { PublicUrl: x }", "gateway.yaml: Kratoss", "did you mean Kratos?")]
    [InlineData("Kratos: { PublicURI: x }", "Kratos:PublicURI", "did you mean PublicUrl?")]
    [InlineData("Kratos: { Path: kratos }", "Kratos:Path", "path prefix")]
    [InlineData("Kratos: { Path: /kratos/ }", "Kratos:Path", "path prefix")]
    [InlineData("Kratos: { SessionCookie: \"a b\" }", "Kratos:SessionCookie", "cookie name")]
    [InlineData("Kratos: { Timeout: soon }", "Kratos:Timeout", "duration")]
    [InlineData("Kratos: { Timeout: \"00:01:00\" }", "Kratos:Timeout", "outside")]
    [InlineData("Kratos: { Timeout: soon, Path: kratos }", "Kratos:Path", "path prefix")]
    [InlineData("Kratos: { Timeout: [ 1 ] }", "Kratos:Timeout", "single value")]
    [InlineData("Kratos: http://kratos", "Kratos", "section is expected")]
    [InlineData("Sessions: { MaxEntries: many }", "Sessions:MaxEntries", "number")]
    [InlineData("Sessions: { MaxEntries: 5 }", "Sessions:MaxEntries", "outside")]
    [InlineData("Sessions: { StaleIfEror: \"00:00:01\" }", "Sessions:StaleIfEror", "did you mean StaleIfError?")]
    [InlineData("Sessions: { CacheDuration: \"-00:00:01\" }", "Sessions:CacheDuration", "outside")]
    [InlineData("Login: { Url: //evil.example }", "Login:Url", "path of this origin")]
    [InlineData("Login: { Url: \"/a b\" }", "Login:Url", "character")]
    [InlineData("Login: { Url: javascript:alert(1) }", "Login:Url", "absolute")]
    [InlineData("SelfService: { Url: ui }", "SelfService:Url", "absolute")]
    [InlineData("Forwarding: { IdentityHeaders: { X-A: \"{identity.id\" } }", "Forwarding:IdentityHeaders:X-A", "pair up")]
    [InlineData("Forwarding: { IdentityHeaders: { X-A: \"{user.id}\" } }", "Forwarding:IdentityHeaders:X-A", "{user.id}")]
    [InlineData("Forwarding: { IdentityHeaders: { X-A: fixed } }", "Forwarding:IdentityHeaders:X-A", "placeholder")]
    [InlineData(
        "Forwarding: { IdentityHeaders: { X-A: \"{identity.id}\", X_A: \"{session.id}\" } }",
        "Forwarding:IdentityHeaders:X",
        "same header")]
    [InlineData(
        "Forwarding: { IdentityHeaders: { Cookie: \"{identity.id}\" } }", "Forwarding:IdentityHeaders:Cookie", "of your own")]
    [InlineData(
        "Forwarding: { IdentityHeaders: { X-Forwarded-User: \"{identity.id}\" } }",
        "Forwarding:IdentityHeaders:X-Forwarded-User",
        "of your own")]
    [InlineData(
        "Forwarding: { IdentityHeaders: { \"X A\": \"{identity.id}\" } }", "Forwarding:IdentityHeaders:X A", "header name")]
    [InlineData("Forwarding: { ForwardSessionCookie: maybe }", "Forwarding:ForwardSessionCookie", "true or false")]
    [InlineData("Network: { TrustedProxies: [ proxy ] }", "Network:TrustedProxies:0", "CIDR")]
    [InlineData("Network: { TrustedProxies: [ 0.0.0.0/0 ] }", "Network:TrustedProxies:0", "everybody")]
    [InlineData("Network: { TrustedProxies: 10.0.0.0/8 }", "Network:TrustedProxies", "list")]
    [InlineData("Management: { Url: \"8001\" }", "Management:Url", "listener")]
    [InlineData("Management: { Url: \"https://127.0.0.1:8001\" }", "Management:Url", "listener")]
    [InlineData("Management: { Url: \"http://gateway:8001\" }", "Management:Url", "every address")]
    [InlineData("Management: { Hosts: [ \"http://admin.test\" ] }", "Management:Hosts:0", "name")]
    [InlineData("Management: { Hosts: [ \"admin.test:8001\" ] }", "Management:Hosts:0", "name")]
    [InlineData("Management: { Hosts: [ \"*\" ] }", "Management:Hosts:0", "name")]
    [InlineData("Management: { AllowAnonymous: true, TokenFile: gateway.yaml }", "Management:AllowAnonymous", "TokenFile")]
    [InlineData("Management: { MetricsTokenFile: nowhere }", "Management:MetricsTokenFile", "cannot be read")]
    [InlineData("AccessLog: { Enabled: perhaps }", "AccessLog:Enabled", "true or false")]
    [InlineData("AccessRules: { r: { Require: [] } }", "AccessRules:r:Session", "missing")]
    [InlineData("AccessRules: { r: { Session: Required, Require: { VerifiedEmail: true } } }", "AccessRules:r:Require", "list")]
    [InlineData(
        "AccessRules: { r: { Session: Required, Require: [ VerifiedEmail ] } }", "AccessRules:r:Require:0", "one condition")]
    [InlineData(
        "AccessRules: { r: { Session: Required, Require: [ { VerifiedEmail: false } ] } }",
        "AccessRules:r:Require:0:VerifiedEmail",
        "only be true")]
    [InlineData(
        "AccessRules: { r: { Session: Required, Require: [ { AssuranceLevel: aal3 } ] } }",
        "AccessRules:r:Require:0:AssuranceLevel",
        "aal1 or aal2")]
    [InlineData(
        "AccessRules: { r: { Session: Required, Require: [ { SessionAge: 15 } ] } }",
        "AccessRules:r:Require:0:SessionAge",
        "hh:mm:ss")]
    [InlineData(
        "AccessRules: { r: { Session: Required, Require: [ { Trait: { Path: a, Equal: b } } ] } }",
        "AccessRules:r:Require:0:Trait:Equal",
        "did you mean Equals?")]
    [InlineData(
        "AccessRules: { r: { Session: Optional, Require: [ { VerifiedEmail: true } ] } }",
        "AccessRules:r:Require",
        "needs Session: Required")]
    [InlineData("a: [", "the file", "line 2")]
    [InlineData("- a", "the file", "not a map")]
    [InlineData("Kratos: { Path: /a }\nKratos: { Path: /b }", "the file", "uplicate")]
    public Task A_mistake_is_named_with_its_place_and_its_cure(string yaml, string place, string cure) =>
        Mistakes.AssertNamedAsync(yaml, place, cure, Kratos);

    [Theory]
    [InlineData(
        "{ ClusterId: c, AuthorizationPolicy: signedin, Match: { Path: /x } }", "AuthorizationPolicy", "did you mean signed-in?")]
    [InlineData(
        "{ ClusterId: c, AuthorizationPolicy: Default, Match: { Path: /x } }", "AuthorizationPolicy", "names no access rule")]
    [InlineData("{ ClusterId: c, Authorization: signed-in, Match: { Path: /x } }", "Authorization", "unknown key")]
    [InlineData("{ ClusterId: c, Match: { Pth: /x } }", "Match:Pth", "did you mean Path?")]
    [InlineData("{ ClusterId: c, Match: { Path: /x, Methods: GET } }", "Match:Methods", "list")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, Transforms: [ { PathRemovPrefix: /x } ] }", "Routes:r", "PathRemovPrefix")]
    [InlineData("{ ClusterId: c, Match: { Path: /kratos/x } }", "Match:Path", "lies under /kratos")]
    [InlineData("{ ClusterId: c, Match: { Path: \"/KRATOS/{**x}\" } }", "Match:Path", "lies under /kratos")]
    [InlineData("{ ClusterId: c, Match: { Path: kratos/x } }", "Match:Path", "lies under /kratos")]
    [InlineData("{ ClusterId: c, Match: { Path: /auth/admin } }", "Match:Path", "lies under /auth")]
    [InlineData("{ Match: { Path: /x } }", "Routes:r", "no ClusterId")]
    [InlineData("{ ClusterId: d, Match: { Path: /x } }", "Routes:r:ClusterId", "names no cluster")]
    [InlineData(
        "{ ClusterId: c, Match: { Path: /x }, Metadata: { AllowEncodedSlashes: \"yes\" } }",
        "Metadata:AllowEncodedSlashes",
        "true or false")]
    [InlineData(
        "{ ClusterId: c, Match: { Path: /x }, Metadata: { ForwardSessionCookie: \"flase\" } }",
        "Metadata:ForwardSessionCookie",
        "true or false")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, CorsPolicy: web }", "CorsPolicy", "define it in Cors:Policies")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, CorsPolicy: default }", "CorsPolicy", "take it out")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, TimeoutPolicy: short }", "TimeoutPolicy", "RequestTimeouts:Policies")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, Timeout: soon }", "Timeout", "duration")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, Timeout: \"30\" }", "Timeout", "duration")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, Timeout: 0s }", "Timeout", "outside 1ms to 24d")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, Timeout: 25d }", "Timeout", "outside 1ms to 24d")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, Timeout: 1s, TimeoutPolicy: disable }", "TimeoutPolicy", "beside")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, RateLimiterPolicy: sing-in }", "RateLimiterPolicy", "did you mean")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, OutputCachePolicy: default }", "OutputCachePolicy", "not supported")]
    [InlineData("{ ClusterId: c, Match: { Path: /x }, Order: first }", "Order", "number")]
    public Task A_mistake_in_a_route_is_named_with_its_place_and_its_cure(string route, string place, string cure) =>
        Mistakes.AssertNamedAsync(Routes(route), place, cure, Kratos, "--SelfService:Url=http://127.0.0.1:4455");

    [Theory]
    [InlineData("{ Destination: { a: { Address: \"http://h\" } } }", "Clusters:c:Destination", "did you mean Destinations?")]
    [InlineData("{ Destinations: { a: { Adress: \"http://h\" } } }", "Clusters:c:Destinations:a:Adress", "did you mean Address?")]
    [InlineData("{ Destinations: { a: { Address: \"h:80\" } } }", "Clusters:c:Destinations:a:Address", "absolute")]
    [InlineData("{ LoadBalancingPolicy: Fairest, Destinations: { a: { Address: \"http://h\" } } }", "Clusters:c", "Fairest")]
    [InlineData(
        "{ HttpRequest: { ActivityTimeout: soon }, Destinations: { a: { Address: \"http://h\" } } }",
        "Clusters:c:HttpRequest:ActivityTimeout",
        "duration")]
    public Task A_mistake_in_a_cluster_is_named_with_its_place_and_its_cure(string cluster, string place, string cure) =>
        Mistakes.AssertNamedAsync(Routes("{ ClusterId: c, Match: { Path: /x } }", cluster), place, cure, Kratos);

    [Theory]
    [InlineData("--Sessions:MaxEntries=")]
    [InlineData("--Sessions:CacheDuration=")]
    [InlineData("--Forwarding:ForwardSessionCookie=")]
    public async Task An_empty_value_is_a_mistake_and_no_crash(string arg)
    {
        var mistakes = await Mistakes.OfAsync("", Kratos, arg);

        Assert.Contains(mistakes, m => m.StartsWith($"command line: {arg[2..^1]}", StringComparison.Ordinal));
    }
}
