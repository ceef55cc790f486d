using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>A mistake in a policy stops the start or the reload, with its place and its cure.</summary>
public sealed class PolicyConfigurationTests
{
    private const string Kratos = "--Kratos:PublicUrl=http://127.0.0.1:4433";

    [Theory]
    [InlineData("{ AllowedOrigins: [ \"*\" ], AllowCredentials: true }", "web:AllowedOrigins", "name the origins")]
    [InlineData("{ AllowedOrigins: [ \"*\", \"https://a.example\" ] }", "web:AllowedOrigins", "write * alone")]
    [InlineData("{ AllowedOrigins: [ \"null\" ], AllowCredentials: true }", "web:AllowedOrigins:0", "any page")]
    [InlineData("{ AllowedOrigins: [ \"https://a.example/\" ] }", "web:AllowedOrigins:0", "write https://a.example")]
    [InlineData("{ AllowedOrigins: [ \"https://a.example\", \"https://b.example/app\" ] }", "Origins:1", "https://b.example")]
    [InlineData("{ AllowedOrigins: [ a.example ] }", "web:AllowedOrigins:0", "no scheme")]
    [InlineData("{ AllowedOrigins: [ \"*.a.example\" ] }", "web:AllowedOrigins:0", "no scheme")]
    [InlineData("{ AllowedOrigins: [ \"https://*a.example\" ] }", "web:AllowedOrigins:0", "first label")]
    [InlineData("{ AllowedOrigins: [ \"http://localhost:*\" ] }", "web:AllowedOrigins:0", "each port")]
    [InlineData("{ AllowedOrigins: [] }", "web:AllowedOrigins", "is missing")]
    [InlineData("{ AllowedMethods: [ GET ] }", "web:AllowedOrigins", "is missing")]
    [InlineData("{ AllowedOrigins: https://a.example }", "web:AllowedOrigins", "list")]
    [InlineData("{ AllowedOrigin: [ https://a.example ] }", "web:AllowedOrigin", "did you mean AllowedOrigins?")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], AllowedMethods: [ \"GET,PUT\" ] }", "AllowedMethods:0", "not a method")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], AllowedMethods: [ \"*\", GET ] }", "AllowedMethods", "write * alone")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], AllowedHeaders: [ \"X A\" ] }", "AllowedHeaders:0", "not a header")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], ExposedHeaders: [ \"\" ] }", "ExposedHeaders:0", "not a header name")]
    [InlineData(
        "{ AllowedOrigins: [ https://a.example ], ExposedHeaders: [ \"*\" ], AllowCredentials: true }",
        "ExposedHeaders",
        "name the headers")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], AllowCredentials: maybe }", "AllowCredentials", "true or false")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], MaxAge: 600 }", "MaxAge", "is not a duration: write 250ms")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], MaxAge: 2d }", "MaxAge", "outside 0s to 1d")]
    [InlineData("{ AllowedOrigins: [ https://a.example ], MaxAge: 500ms }", "MaxAge", "whole seconds")]
    public Task A_mistake_in_a_cors_policy_is_named_with_its_place_and_its_cure(string policy, string place, string cure) =>
        Mistakes.AssertNamedAsync($"Cors: {{ Policies: {{ web: {policy} }} }}", place, cure, Kratos);

    [Theory]
    [InlineData("{}", "short:Timeout", "is missing")]
    [InlineData("{ Timeout: soon }", "short:Timeout", "is not a duration: write 250ms")]
    [InlineData("{ Timeout: 5 }", "short:Timeout", "is not a duration")]
    [InlineData("{ Timeout: 0s }", "short:Timeout", "outside 1ms to 24d")]
    [InlineData("{ Timeout: 30d }", "short:Timeout", "outside 1ms to 24d")]
    [InlineData("{ Timeot: 5s }", "short:Timeot", "did you mean Timeout?")]
    public Task A_mistake_in_a_timeout_is_named_with_its_place_and_its_cure(string policy, string place, string cure) =>
        Mistakes.AssertNamedAsync($"RequestTimeouts: {{ Policies: {{ short: {policy} }} }}", place, cure, Kratos);

    [Theory]
    [InlineData("default")]
    [InlineData("Disable")]
    [InlineData("anonymous")]
    public async Task Names_that_routes_give_a_meaning_of_their_own_cannot_be_defined(string name)
    {
        var mistakes = await Mistakes.OfAsync(
            $$"""
            Cors: { Policies: { {{name}}: { AllowedOrigins: [ "https://a.example" ] } } }
            RequestTimeouts: { Policies: { {{name}}: { Timeout: 5s } } }
            """,
            Kratos);

        Assert.Equal(2, mistakes.Count(m => m.Contains($"Policies:{name} is a name", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_misspelt_policy_is_named_with_the_one_that_is_meant()
    {
        var mistakes = await Mistakes.OfAsync(
            """
            Cors: { Policies: { web-app: { AllowedOrigins: [ "https://a.example" ] } } }
            RequestTimeouts: { Policies: { short: { Timeout: 5s } } }
            ReverseProxy:
              Routes: { r: { ClusterId: c, CorsPolicy: web-ap, TimeoutPolicy: shrt, Match: { Path: /x } } }
              Clusters: { c: { Destinations: { a: { Address: "http://127.0.0.1:1" } } } }
            """,
            Kratos);

        Assert.Equal(
            [
                "gateway.yaml: ReverseProxy:Routes:r:CorsPolicy = \"web-ap\" names no policy of Cors:Policies: "
                    + "did you mean web-app?",
                "gateway.yaml: ReverseProxy:Routes:r:TimeoutPolicy = \"shrt\" names no policy of RequestTimeouts:Policies: "
                    + "did you mean short?",
            ],
            mistakes);
    }

    [Theory]
    [InlineData("500ms")]
    [InlineData("30s")]
    [InlineData("5m")]
    [InlineData("1h")]
    [InlineData("1d")]
    [InlineData("\"00:00:30\"")]
    public async Task A_duration_may_be_written_in_every_form(string duration)
    {
        var mistakes = await Mistakes.OfAsync(
            $$"""
            RequestTimeouts: { Policies: { short: { Timeout: {{duration}} } } }
            ReverseProxy:
              Routes:
                a: { ClusterId: c, Timeout: {{duration}}, Match: { Path: /a } }
                b: { ClusterId: c, TimeoutPolicy: SHORT, CorsPolicy: disable, Match: { Path: /b } }
              Clusters: { c: { Destinations: { a: { Address: "http://127.0.0.1:1" } } } }
            """,
            Kratos);

        Assert.Empty(mistakes);
    }
}
