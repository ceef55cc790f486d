using DevKratos.Core;
using Gateway.Access;

namespace Quickstart;

/// <summary>What a person can try, of what the gateway's configuration has.</summary>
/// <param name="FirstPage">Where a browser begins, from the gateway's root.</param>
/// <param name="Anonymous">For a shell, before anybody has signed in.</param>
/// <param name="SignedIn">For a shell that has a session token in <c>$token</c>; the last line's answer is 200.</param>
/// <param name="IsVerified">Whether WorldService verifies the identity token.</param>
internal sealed record Tour(
    string FirstPage,
    IReadOnlyList<WelcomeLink> WelcomeLinks,
    IReadOnlyList<Step> Anonymous,
    IReadOnlyList<Step> SignedIn,
    bool IsVerified = false)
{
    public static readonly Tour Nothing = new("/auth/welcome", [], [], []);

    private const string Session = "-H \"X-Session-Token: $token\"";

    /// <summary>So many of a person's own routes are shown.</summary>
    private const int MostPages = 5;

    /// <summary>The tour through the shipped configuration; README.md has it word for word.</summary>
    private static readonly Tour Shipped = new(
        "/hello",
        WelcomeLink.Shipped,
        [
            new("curl -i $gateway/hello", "401: nobody is signed in"),
            new("curl -i $gateway/hello -H 'Accept: text/html'", "302: a browser is sent to log in"),
        ],
        [
            new($"curl -i $gateway/hello/me {Session}", "200: the identity headers"),
            new($"curl -i $gateway/world/me {Session}", "200: WorldService has verified the identity token"),
            new("curl -i $gateway/hello -H 'Origin: http://127.0.0.1:3000'", "401, which pages of that origin may read (CORS)"),
            new($"curl -i $gateway/hello/vault {Session}", "403: asks for the second factor"),
            new($"curl -i $gateway/hello/staff {Session}", "403: why?"),
            new($"id=$(curl -s $gateway/hello/staff {Session} | grep -o '\"request\":\"[^\"]*' | cut -d'\"' -f4)"),
            new("curl -s $management/api/decisions/$id", "the condition that failed, and what it found"),
            new(
                "dotnet run --project src/Gateway -- explain GET $gateway/world --session-token $token --url $management",
                "rule, rate limit, time-out, and what WorldService would get"),
            new(
                $"curl -s -o /dev/null -w '%{{http_code}} ' \"$gateway/world?[1-101]\" {Session}",
                "429 at last: a hundred a minute"),
            new($"curl -i $gateway/hello {Session}", "200: only /world is limited"),
        ]);

    /// <param name="system">With both its Kratos and the gateway running.</param>
    /// <param name="isShipped">Whether its configuration file is the shipped one.</param>
    /// <param name="isVerified">Whether WorldService verifies the identity token.</param>
    public static async Task<Tour> OfAsync(
        RunningSystem system, WebApplication gateway, bool isShipped, bool isVerified)
    {
        if (isShipped) return Shipped with { IsVerified = isVerified };
        var pages = await PagesAsync(gateway);
        var anonymous = pages.Select(page => new Step($"curl -i $gateway{page.Path}", page.Answer));
        var signedIn = pages.Select(page => new Step($"curl -i $gateway{page.Path} {Session}"));
        var whoami = new Step($"curl -i {system.KratosForShell}/sessions/whoami {Session}", "200: who you are, says Kratos");
        return new(
            pages is [var first, ..] ? first.Path : Nothing.FirstPage,
            [.. pages.Select(page => new WelcomeLink(page.Path))],
            [.. anonymous],
            [.. signedIn, whoami],
            isVerified);
    }

    /// <summary>
    /// An address of each configured route that takes a plain GET, and what it answers to nobody: the gateway itself is asked.
    /// </summary>
    private static async Task<IReadOnlyList<(string Path, string Answer)>> PagesAsync(WebApplication gateway)
    {
        var explain = gateway.Services.GetRequiredService<ExplainCall>();
        var pages = new List<(string, string)>();
        foreach (var route in gateway.Configuration.GetSection("ReverseProxy:Routes").GetChildren())
        {
            if (pages.Count == MostPages) break;
            var path = Address(route["Match:Path"] ?? "");
            var explained = await explain(new() { Method = "GET", Url = path }, CancellationToken.None);
            if (route.Key.Equals(explained.Route, StringComparison.OrdinalIgnoreCase))
                pages.Add((path, Answer(explained.Answer)));
        }
        return pages;
    }

    /// <summary>The beginning of a route's path, up to its first parameter.</summary>
    private static string Address(string pattern)
    {
        var literal = pattern.Split('{')[0].TrimEnd('/');
        return literal.StartsWith('/') ? literal : $"/{literal}";
    }

    private static string Answer(ExplainedAnswer answer) =>
        answer.Allowed ? "the service answers" : $"{answer.Status}: {answer.Reason}";
}

/// <summary>A line for a shell, and what comes of it.</summary>
internal sealed record Step(string Line, string? Comes = null)
{
    private const int Column = 64;

    public override string ToString() => Comes is null ? Line : $"{Line.PadRight(Column)} # {Comes}";
}
