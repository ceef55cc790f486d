using Gateway.IntegrationTests.Harness;

namespace Gateway.IntegrationTests;

/// <summary>
/// Spellings that only some services read as another path: the table of docs/forwarding.md, with the bytes that arrive.
/// </summary>
public sealed class TargetSpellingTests(TargetSystem system) : IClassFixture<TargetSystem>
{
    private const string Refused = TargetSystem.Refused;

    public static TheoryData<string, string> Targets => new()
    {
        // Where the path or query is computed, %3B would leave as a semicolon.
        { "/anew/a%3Bb/d", Refused },
        { "/anew/a%3bb", Refused },
        { "/anew/a;b", Refused },
        { "/anew/%3B", Refused },
        { "/asked/a%3Bb/d", Refused },
        { "/anew/a%20b", "[anew] /x/a%20b" },
        { "/asked/a%20b", "[anew] /asked/a%20b?a=b" },
        { "/anew-files/a%3Bb/d", "[anew] /x/anew-files/a;b/d" },

        // Encoded twice: what a second decoding makes something else of. Not what it leaves text.
        { "/%2561dmin", Refused },
        { "/%2561dmin/x", Refused },
        { "/%25%36%31dmin", Refused },
        { "/adm%2569n", Refused },
        { "/%2541DMIN", Refused },
        { "/v%2531", Refused },
        { "/a%252Db", Refused },
        { "/a%255Fb", Refused },
        { "/a%257Eb", Refused },
        { "/admin%253Fx", Refused },
        { "/admin%2523x", Refused },
        { "/caf%25C3%25A9", Refused },
        { "/caf%25c3%25a9", Refused },
        { "/%25EF%25BC%258Fadmin", Refused },
        { "/anew/%2561dmin", Refused },
        { "/files/%2561dmin", Refused },
        { "/a%2526b", "[any] /a%2526b" },
        { "/a%253Db", "[any] /a%253Db" },
        { "/5%25add", "[any] /5%25add" }, // 5%add: %ad begins no letter
        { "/5%25fee", "[any] /5%25fee" },
        { "/100%25", "[any] /100%25" },

        // Wide and small forms of letters and marks: people's own letters, a service's own to fold; but no dot segment in them.
        { "/%EF%BD%81dmin", "[any] /%EF%BD%81dmin" },
        { "/%EF%BC%8Fadmin", "[any] /%EF%BC%8Fadmin" },
        { "/%E2%88%95admin", "[any] /%E2%88%95admin" },
        { "/a%EF%BC%8Fb", "[any] /a%EF%BC%8Fb" },
        { "/a%EF%BC%8E", "[any] /a%EF%BC%8E" },
        { "/wait%E2%80%A6", "[any] /wait%E2%80%A6" },
        { "/a/%EF%BC%8E%EF%BC%8E/admin", Refused },
        { "/a/%EF%BC%8E/admin", Refused },
        { "/a/.%EF%BC%8E/admin", Refused },
        { "/a/%E2%80%A4%E2%80%A4/admin", Refused },
        { "/a/%E2%80%A5/admin", Refused },
        { "/a/%EF%B9%92%EF%B9%92", Refused },
        { "/a/..%EF%BC%8Fadmin", Refused },
        { "/a/..%EF%BC%BCadmin", Refused },
        { "/a/..%E2%81%84admin", Refused },
        { "/a%EF%BC%8F..", Refused },
        { "/a/..%CD%BE/admin", Refused }, // a Greek question mark is a semicolon
        { "/files/..%EF%BC%9B/admin", Refused },

        // What nobody sees. Joiners belong between letters beyond ASCII, and nowhere else.
        { "/adm%E2%80%8Bin", Refused },
        { "/%E2%80%8Badmin", Refused },
        { "/admin%E2%80%8B", Refused },
        { "/adm%E2%81%A0in", Refused },
        { "/%EF%BB%BFadmin", Refused },
        { "/adm%C2%ADin", Refused },
        { "/adm%E2%80%AEin", Refused },
        { "/adm%E2%80%8Din", Refused },
        { "/adm%E2%80%8Cin", Refused },
        { "/caf%C3%A9%E2%80%8B", Refused },
        { "/adm%F3%A0%81%A1in", Refused },
        { "/%D9%85%DB%8C%E2%80%8C%D8%AE", "[any] /%D9%85%DB%8C%E2%80%8C%D8%AE" }, // Persian
        { "/%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB", "[any] /%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB" }, // an emoji

        // What Windows' file names leave out is the service's own: dots and blanks at the end, streams, short names.
        { "/admin.", "[any] /admin." },
        { "/admin./x", "[any] /admin./x" },
        { "/U.S.A.", "[any] /U.S.A." },
        { "/admin%2E", "[any] /admin%2E" },
        { "/admin%20", "[any] /admin%20" },
        { "/admin%20/x", "[any] /admin%20/x" },
        { "/%20admin", "[any] /%20admin" },
        { "/admin%C2%A0", "[any] /admin%C2%A0" },
        { "/admin::$DATA", "[any] /admin::$DATA" },
        { "/ADMIN~1", "[any] /ADMIN~1" },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public Task A_spelling_is_refused_or_reaches_the_service_as_it_came(string target, string expected) =>
        system.AssertOverHttp1Async(target, expected);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task Over_http2_as_well(string target, string expected) =>
        system.AssertOverHttp2Async(target, expected);
}
