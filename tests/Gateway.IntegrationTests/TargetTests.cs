using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// What is matched is what is forwarded, byte for byte, or the request is refused: 400, or 404 under <c>/kratos</c>.
/// </summary>
public sealed class TargetTests(TargetSystem system) : IClassFixture<TargetSystem>
{
    private const string Refused = TargetSystem.Refused;

    /// <summary>
    /// Where Oathkeeper normalises or decodes and forwards (its cases path-double-slash, path-dot-segments, path-encoded-slash,
    /// path-semicolon, path-backslash, strip-middle, strip-partial-segment) the gateway refuses, or forwards unchanged, on
    /// purpose.
    /// </summary>
    public static TheoryData<string, string> Targets => new()
    {
        // Forwarded as they are.
        { "/a/b", "[any] /a/b" },
        { "/a/b/", "[any] /a/b/" }, // path-trailing-slash: Oathkeeper loses the slash
        { "/", "[any] /" },
        { "/admin", "[admin] /admin" },
        { "/admin/x", "[admin] /admin/x" },
        { "/ADMIN/x", "[admin] /ADMIN/x" },
        { "/%61dmin/x", "[admin] /%61dmin/x" },
        { "/adm%69n/x", "[admin] /adm%69n/x" },
        { "/administrator", "[any] /administrator" },
        { "/api", "[api] /" },
        { "/api/", "[api] /" },
        { "/api?x=1", "[api] /?x=1" },
        { "/api/?x=1", "[api] /?x=1" },
        { "/API/x", "[api] /x" },
        { "/apifoo/x", "[any] /apifoo/x" }, // strip-partial-segment
        { "/api/v1/api/x", "[api] /v1/api/x" }, // strip-middle
        { "/v1/api/x", "[any] /v1/api/x" }, // strip-not-prefix
        { "/a%3Db%26c", "[any] /a%3Db%26c" },
        { "/a%3Fb", "[any] /a%3Fb" },
        { "/a%23b", "[any] /a%23b" },
        { "/a%25b", "[any] /a%25b" },
        { "/a%2520b", "[any] /a%2520b" },
        { "/a%2Eb.json", "[any] /a%2Eb.json" },
        { "/.well-known/x", "[any] /.well-known/x" },
        { "/a..b", "[any] /a..b" },
        { "/...", "[any] /..." },
        { "/..a/b", "[any] /..a/b" },
        { "/caf%C3%A9", "[any] /caf%C3%A9" },
        { "/caf%c3%a9", "[any] /caf%c3%a9" },
        { "/%F0%9F%98%80", "[any] /%F0%9F%98%80" },
        { "/a+b%2Bc", "[any] /a+b%2Bc" },
        { "/a%7Eb", "[any] /a%7Eb" },
        { "/a!$&'()*+,=:@b", "[any] /a!$&'()*+,=:@b" },
        { "/a%20b", "[any] /a%20b" },
        { "/a%22%3C%3E%5B%5D%7Cb", "[any] /a%22%3C%3E%5B%5D%7Cb" },
        { "/?a=b;c=d", "[any] /?a=b;c=d" },
        { "/?a=%zz&b=%", "[any] /?a=%zz&b=%" },
        { "/?a=%2e%2e/%41", "[any] /?a=%2e%2e/%41" },
        { "/?q=[x]|\"<>", "[any] /?q=[x]|\"<>" },
        { "/?u=http://x/../y//z", "[any] /?u=http://x/../y//z" }, // path-query
        { "/??a=b", "[any] /??a=b" },
        { "/a?", "[any] /a?" },
        { "/admin/?../..//%2f", "[admin] /admin/?../..//%2f" },

        // A slash that is none to routing.
        { "/a%2Fb", Refused }, // path-encoded-slash
        { "/a%2fb", Refused },
        { "/a%2Fb/", Refused }, // path-encoded-slash-trailing
        { "/api/a%2Fb", Refused },
        { "/admin%2Fx", Refused },
        { "/files%2Fa", Refused },
        { "/%2Fadmin/x", Refused },
        { "/public%2f..%2fadmin", Refused }, // path-dot-segments-encoded-slash
        { "/a%5Cb", Refused }, // path-backslash-encoded
        { "/public/..%5cadmin", Refused },
        { "/a\\b", Refused }, // path-backslash
        { "/..\\admin", Refused },
        { "/%255Cadmin", Refused },

        // Dot segments in every dress.
        { "/a/../admin/x", Refused }, // path-dot-segments
        { "/a/%2e%2e/admin/x", Refused }, // path-dot-segments-encoded
        { "/a/.%2E/admin/x", Refused },
        { "/a/%2E./admin/x", Refused },
        { "/../../a", Refused }, // path-above-root
        { "/api/../admin/x", Refused },
        { "/api/%2e%2e/admin/x", Refused },
        { "/api/..%2Fadmin/x", Refused },
        { "/api/%252e%252e/admin/x", Refused }, // path-double-encoded
        { "/api/%252e%252e%252fadmin", Refused },
        { "/api/..;/admin/x", Refused }, // path-semicolon
        { "/api/..;a=b/admin/x", Refused },
        { "/api/%2e%2e;/admin/x", Refused },
        { "/api/..%3B/admin/x", Refused },
        { "/api/.;/x", Refused },
        { "/api/%2e%3bx/y", Refused },
        { "/a/./b", Refused }, // path-single-dot
        { "/a/%2e/b", Refused },
        { "/a/b/.", Refused },
        { "/a/b/..", Refused },
        { "/a/b/%2e%2E", Refused },
        { "/.", Refused },
        { "/..", Refused },
        { "/./admin", Refused },
        { "/files/..", Refused },
        { "/files/../admin/x", Refused },
        { "/files/..%2f..%2fetc", Refused },
        { "/files/%2e%2e%2fetc", Refused },
        { "/files/a%2F..%2Fb", Refused },
        { "/files/a%2F.", Refused },
        { "/files/a%2F..;x/b", Refused },
        { "/files/a/..;/..;/b", Refused },
        { "/files/a%2F%2e%2e", Refused },

        // Empty segments and parameters.
        { "//admin/x", Refused }, // path-double-slash
        { "/a//b", Refused },
        { "/api//admin/x", Refused },
        { "/admin//", Refused },
        { "/admin;x/y", Refused },
        { "/;/admin", Refused },
        { "/a;b=c/d", Refused },
        { "/a%3Bb/d", "[any] /a%3Bb/d" },

        // Encodings that are none, or more than one.
        { "/a%25%32%46b", Refused },
        { "/api/%252%65%252%65/admin/x", Refused },
        { "/a%252Fb", Refused },
        { "/a%253Bb", Refused },
        { "/a%2525b", Refused },
        { "/a%250ab", Refused },
        { "/a%zzb", Refused },
        { "/a%", Refused },
        { "/a%2", Refused },
        { "/a%u0061", Refused },
        { "/caf%E9", Refused },
        { "/%C0%AF", Refused },
        { "/%c0%ae%c0%ae/admin", Refused },
        { "/%E0%80%AF", Refused },
        { "/%ED%A0%80", Refused },
        { "/%F5%80%80%80", Refused },
        { "/caf%C3", Refused },
        { "/%FF", Refused },

        // Characters that do not belong in a path or query.
        { "/a%00b", Refused },
        { "/a%0d%0aX:1", Refused },
        { "/a%09b", Refused },
        { "/a%1Fb", Refused },
        { "/a%7Fb", Refused },
        { "/a%C2%85b", Refused },
        { "/a#b", Refused },
        { "/a[b]|c", Refused },
        { "/a\"b", Refused },
        { "/a<b>", Refused },
        { "/a^b", Refused },
        { "/a`b", Refused },
        { "/a{b}", Refused },
        { "/?a=1#frag", Refused },
        { "/a b", Refused },
        { "/?q=a b", Refused },
        { "/a\u0001b", Refused },
        { "/a\u007fb", Refused },
        { "/?q=a\u0001b", Refused },
        { "/caf\u00c3\u00a9", Refused },
        { "/?q=caf\u00c3\u00a9", Refused },
        { "/caf\u00e9", Refused },

        // Allowed where the route says so.
        { "/files/a%2Fb", "[files] /a%2Fb" },
        { "/files/a%2fb%20c?x=%2F", "[files] /a%2fb%20c?x=%2F" },
        { "/FILES/a%2Fb", "[files] /a%2Fb" },
        { "/files/https:%2F%2Fx.test%2Fy", "[files] /https:%2F%2Fx.test%2Fy" },
        { "/files//a", "[files] //a" },
        { "/files/a//b", "[files] /a//b" },
        { "/files/a;v=1/b", "[files] /a;v=1/b" },
        { "/fil%65s/a%2Fb", Refused }, // the prefix to remove does not stand there plainly
        { "/files/a%5cb", Refused },
        { "/files/a%252Fb", Refused },

        // Kratos' path: nothing but its public API, and no hint of what else there might be.
        { "/kratos", "404" },
        { "/kratos/", "404" },
        { "/kratos/admin/identities", "404" },
        { "/kratos/ADMIN/identities", "404" },
        { "/KRATOS/admin/identities", "404" },
        { "/kratos/%61dmin/identities", "404" },
        { "/%6bratos/admin/identities", "404" },
        { "/kratos/identities", "404" },
        { "/kratos//admin/identities", "404" },
        { "/kratos/./admin/identities", "404" },
        { "/kratos/self-service/../admin/identities", "404" },
        { "/kratos/self-service/%2e%2e/admin/identities", "404" },
        { "/kratos/self-service/..;/admin", "404" },
        { "/kratos/self-service/..%2fadmin", "404" },
        { "/kratos;x/admin", "404" },
        { "/kratos%2fadmin", "404" },
        { "/kratos\\admin", "404" },
        { "/kratos/schemas", "404" },
        { "/kratos/sessions%2fwhoami", "404" },
        { "/kratos/self-service/log%6fut?token=x", "404" }, // else it would end a session without the gateway hearing of it
        { "/auth/logout", "404" },
        { "/auth/LOGOUT", "404" },
        { "/auth/%6cogout", "404" },
        { "/auth/logout/", "404" },
        { "/auth/logout/x", "404" },
        { "/auth/consent", "404" },
        { "/auth//logout", Refused },
        { "/auth/logout;x", Refused },
        { "/auth/./logout", Refused },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public Task A_target_reaches_the_service_as_it_was_matched_or_not_at_all(string target, string expected) =>
        system.AssertOverHttp1Async(target, expected);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task An_http2_path_reaches_the_service_as_it_was_matched_or_not_at_all(string target, string expected) =>
        system.AssertOverHttp2Async(target, expected);

    [Theory]
    [InlineData("*")]
    [InlineData("http://other.example/a%2Fb")]
    [InlineData("http://other.example/admin/x")]
    [InlineData("http://{authority}/a/b?x=1")]
    [InlineData("http://{authority}/a/../admin/x")]
    [InlineData("https://{authority}/a/b")]
    [InlineData("a/b")]
    [InlineData("{authority}")]
    [InlineData("")]
    public async Task Only_the_origin_form_of_a_target_is_understood(string target)
    {
        target = target.Replace("{authority}", system.Http1.Url.Authority, StringComparison.Ordinal);

        var answer = await RawHttp.RequestAsync(system.Http1.Url, target);

        Assert.InRange(answer.Status, 400, 405);
        Assert.Empty(system.Http1.Service.Received);
    }

    [Theory]
    [InlineData("TRACE", "/a", 405)]
    [InlineData("trace", "/a", 405)]
    [InlineData("CONNECT", "example.org:443", 400)]
    [InlineData("OPTIONS", "*", 400)]
    [InlineData("GET\u0001", "/a", 400)]
    [InlineData("G(T", "/a", 400)]
    public async Task Methods_that_are_not_for_services_end_at_the_gateway(string method, string target, int status)
    {
        var answer = await RawHttp.RequestAsync(system.Http1.Url, target, method);

        Assert.Equal(status, answer.Status);
        Assert.Empty(system.Http1.Service.Received);
    }

    [Fact]
    public async Task Trace_is_refused_over_http2_as_well()
    {
        var status = await RawHttp2.SendAsync(
            system.Http2.Url,
            [(":method", "TRACE"), (":scheme", "http"), (":authority", system.Http2.Url.Authority), (":path", "/a")]);

        Assert.Equal(405, status);
        Assert.Empty(system.Http2.Service.Received);
    }

    [Theory]
    [InlineData(8000, 200)]
    [InlineData(8301, 414)]
    public async Task A_long_target_is_forwarded_whole_or_refused(int length, int status)
    {
        var target = "/" + new string('x', length);

        var answer = await RawHttp.RequestAsync(system.Http1.Url, target);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? $"[any] {target}" : "414", TargetSystem.Outcome(system.Http1, answer.Status));
    }
}
