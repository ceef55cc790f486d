using System.Net;
using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>Pages of other origins read what a route's CORS policy lets them, denials too, and nothing else.</summary>
public sealed class CorsTests : IAsyncLifetime
{
    private const string App = "https://app.example";

    private const string Yaml = """
        Cors:
          Policies:
            web:
              AllowedOrigins: [ "https://app.example", "https://*.example.org" ]
              AllowedMethods: [ GET, PUT ]
              AllowedHeaders: [ X-Token ]
              ExposedHeaders: [ X-Total, X-Request-Id ]
              AllowCredentials: true
              MaxAge: 10m
            one: { AllowedOrigins: [ "https://app.example" ] }
            all: { AllowedOrigins: [ "*" ] }
            any: { AllowedOrigins: [ "https://app.example" ], AllowedMethods: [ "*" ], AllowedHeaders: [ "*" ] }
            files: { AllowedOrigins: [ "null" ] }
        AccessRules:
          staff: { Session: Required, Require: [ { Trait: { Path: email, EndsWith: "@staff.example" } } ] }
        ReverseProxy:
          Routes:
            private: { ClusterId: echo, AuthorizationPolicy: signed-in, CorsPolicy: web, Match: { Path: "/private/{**rest}" } }
            staff: { ClusterId: echo, AuthorizationPolicy: staff, CorsPolicy: WEB, Match: { Path: /staff } }
            one: { ClusterId: echo, AuthorizationPolicy: anonymous, CorsPolicy: one, Match: { Path: /one } }
            all: { ClusterId: echo, AuthorizationPolicy: anonymous, CorsPolicy: all, Match: { Path: /all } }
            any: { ClusterId: echo, AuthorizationPolicy: anonymous, CorsPolicy: any, Match: { Path: /any } }
            files: { ClusterId: echo, AuthorizationPolicy: anonymous, CorsPolicy: files, Match: { Path: /files } }
            changed:
              ClusterId: echo
              AuthorizationPolicy: anonymous
              CorsPolicy: one
              Match: { Path: /changed }
              Transforms: [ { ResponseHeader: X-More, Set: more } ]
            gone: { ClusterId: gone, AuthorizationPolicy: anonymous, CorsPolicy: one, Match: { Path: /gone } }
            off: { ClusterId: echo, AuthorizationPolicy: anonymous, CorsPolicy: Disable, Match: { Path: /off } }
            none: { ClusterId: echo, AuthorizationPolicy: anonymous, Match: { Path: /none } }
            none-private: { ClusterId: echo, AuthorizationPolicy: signed-in, Match: { Path: /none-private } }
          Clusters:
            echo: { Destinations: { a: { Address: "{service}" } } }
            gone: { Destinations: { a: { Address: "http://127.0.0.1:9" } } }
        """;

    private TestSystem _system = null!;

    public async ValueTask InitializeAsync() => _system = await TestSystem.StartAsync(yaml: Yaml);

    public ValueTask DisposeAsync() => _system.DisposeAsync();

    [Theory]
    [InlineData("/private/1", App)]
    [InlineData("/staff", "https://shop.example.org")]
    [InlineData("/gone", App)]
    public async Task A_preflight_is_answered_before_the_rule_and_asks_neither_kratos_nor_the_service(string path, string origin)
    {
        var answer = await PreflightAsync(path, origin, "PUT");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("Origin", Header(answer, "Vary"));
        Assert.Equal(0, _system.Kratos.Faults.WhoamiCalls);
        Assert.Empty(_system.Service.Received);
    }

    [Fact]
    public async Task A_preflight_is_told_the_whole_policy()
    {
        var answer = await PreflightAsync("/private/1", App, "PUT", "Access-Control-Request-Headers: x-token");

        Assert.Equal("GET,PUT", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal("X-Token", Header(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("true", Header(answer, "Access-Control-Allow-Credentials"));
        Assert.Equal("600", Header(answer, "Access-Control-Max-Age"));
        Assert.Null(Header(answer, "Access-Control-Expose-Headers"));
    }

    [Fact]
    public async Task What_a_policy_leaves_out_is_as_oathkeeper_has_it()
    {
        var answer = await PreflightAsync("/one", App, "PATCH");

        Assert.Equal("GET,POST,PUT,PATCH,DELETE", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal("Authorization,Content-Type", Header(answer, "Access-Control-Allow-Headers"));
        Assert.Null(Header(answer, "Access-Control-Allow-Credentials"));
        Assert.Null(Header(answer, "Access-Control-Max-Age"));
    }

    [Fact]
    public async Task A_star_for_methods_and_headers_allows_what_is_asked_for()
    {
        var answer = await PreflightAsync("/any", App, "REPORT", "Access-Control-Request-Headers: x-a,x-b");

        Assert.Equal("REPORT", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal("x-a,x-b", Header(answer, "Access-Control-Allow-Headers"));
    }

    [Theory]
    [InlineData("/private/1", "https://evil.example")]
    [InlineData("/private/1", "https://evilexample.org")]
    [InlineData("/private/1", "http://app.example")]
    [InlineData("/private/1", "null")]
    [InlineData("/files", App)]
    [InlineData("/off", App)]
    public async Task A_preflight_of_another_origin_is_allowed_nothing(string path, string origin)
    {
        var answer = await PreflightAsync(path, origin, "GET");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Empty(AccessControl(answer));
        Assert.Equal("Origin", Header(answer, "Vary"));
        Assert.Empty(_system.Service.Received);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/private/../nowhere")]
    public async Task A_preflight_of_a_path_that_nobody_has_is_404(string path)
    {
        var answer = await PreflightAsync(path, App, "GET");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(AccessControl(answer));
    }

    [Fact]
    public async Task An_allowed_origin_reads_answers_and_denials()
    {
        var ann = await _system.Kratos.SignInNewAsync();
        var cookie = $"Cookie: {ann.CookieHeader}";
        (string Path, string[] Headers, int Status)[] requests =
        [
            ("/private/1", [cookie], 200),
            ("/private/1", [], 401),
            ("/staff", [cookie], 403),
            ("/private/1%2F2", [cookie], 400),
            ("/private/1?status=500", [cookie], 500),
            ("/private/1?status=404", [cookie], 404),
            ("/private/1?status=304&empty", [cookie], 304),
            ("/private/1?empty", [cookie], 200),
        ];
        foreach (var (path, headers, status) in requests)
        {
            var answer = await _system.GetAsync(path, [$"Origin: {App}", .. headers]);

            Assert.Equal((path, status), (path, (int)answer.StatusCode));
            Assert.Equal(App, Header(answer, "Access-Control-Allow-Origin"));
            Assert.Equal("true", Header(answer, "Access-Control-Allow-Credentials"));
            Assert.Equal("X-Total,X-Request-Id", Header(answer, "Access-Control-Expose-Headers"));
            Assert.Equal("Origin", Header(answer, "Vary"));
        }
    }

    [Fact]
    public async Task An_allowed_origin_reads_that_kratos_or_the_service_is_away()
    {
        _system.Kratos.Faults.DatabaseDown = true;
        var ofKratos = await _system.GetAsync("/private/1", $"Origin: {App}", "Cookie: ory_kratos_session=x");
        var ofService = await _system.GetAsync("/gone", $"Origin: {App}");

        Assert.Equal((503, App), ((int)ofKratos.StatusCode, Header(ofKratos, "Access-Control-Allow-Origin")));
        Assert.Equal((502, App), ((int)ofService.StatusCode, Header(ofService, "Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("/private/1", "https://evil.example")]
    [InlineData("/one", "https://evil.example")]
    [InlineData("/one", "null")]
    [InlineData("/one", null)]
    [InlineData("/off", App)]
    [InlineData("/off", null)]
    [InlineData("/changed", "https://evil.example")]
    [InlineData("/changed", null)]
    public async Task Another_origin_is_told_nothing_whatever_the_service_says(string path, string? origin)
    {
        var answer = await _system.GetAsync(
            $"{path}?header=Access-Control-Allow-Origin:*&header=Access-Control-Allow-Credentials:true",
            origin is null ? [] : [$"Origin: {origin}"]);

        Assert.Empty(AccessControl(answer));
        Assert.Equal("Origin", Header(answer, "Vary"));
    }

    [Theory]
    [InlineData("/one")]
    [InlineData("/changed")]
    public async Task What_the_service_says_of_cors_is_replaced_and_never_doubled(string path)
    {
        var answer = await _system.GetAsync(
            $"{path}?header=Access-Control-Allow-Origin:https://evil.example&header=Access-Control-Max-Age:9"
                + "&header=Access-Control-Expose-Headers:X-Secret&header=Vary:Accept,Origin",
            $"Origin: {App}");

        Assert.Equal(["Access-Control-Allow-Origin"], AccessControl(answer));
        Assert.Equal([App], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal("Accept,Origin", Header(answer, "Vary"));
    }

    [Fact]
    public async Task A_star_is_told_as_a_star_and_varies_by_nothing()
    {
        var answer = await _system.GetAsync("/all", "Origin: https://anybody.example");
        var preflight = await PreflightAsync("/all", "https://anybody.example", "GET");

        Assert.Equal(("*", null), (Header(answer, "Access-Control-Allow-Origin"), Header(answer, "Vary")));
        Assert.Equal(("*", null), (Header(preflight, "Access-Control-Allow-Origin"), Header(preflight, "Vary")));
    }

    [Fact]
    public async Task The_origin_null_is_allowed_where_it_is_named()
    {
        var answer = await _system.GetAsync("/files", "Origin: null");

        Assert.Equal("null", Header(answer, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_route_without_a_policy_treats_options_as_any_other_request()
    {
        var passed = await PreflightAsync("/none?header=Access-Control-Allow-Origin:*&status=204&empty", App, "PUT");
        var refused = await PreflightAsync("/none-private", App, "PUT");

        Assert.Equal((204, "*"), ((int)passed.StatusCode, Header(passed, "Access-Control-Allow-Origin")));
        Assert.Equal("OPTIONS", _system.Service.Only.Method);
        Assert.Equal((401, 0), ((int)refused.StatusCode, AccessControl(refused).Count()));
    }

    [Theory]
    [InlineData("Origin: https://app.example")]
    [InlineData("Access-Control-Request-Method: PUT")]
    public async Task Options_that_is_no_preflight_goes_to_the_service(string header)
    {
        var answer = await _system.SendAsync(HttpMethod.Options, "/one", header);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("OPTIONS", _system.Service.Only.Method);
    }

    private Task<HttpResponseMessage> PreflightAsync(string path, string origin, string method, params string[] more) =>
        _system.SendAsync(
            HttpMethod.Options, path, [$"Origin: {origin}", $"Access-Control-Request-Method: {method}", .. more]);

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static IEnumerable<string> AccessControl(HttpResponseMessage answer) =>
        answer.Headers.Select(header => header.Key).Where(name => name.StartsWith("Access-Control-", StringComparison.Ordinal));
}
