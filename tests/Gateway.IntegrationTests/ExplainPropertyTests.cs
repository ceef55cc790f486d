using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using DevKratos;
using Gateway.Access;
using Gateway.Hosting;
using Gateway.Hosting.Explaining;
using Gateway.IntegrationTests.Harness;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.IntegrationTests;

/// <summary>
/// What <c>explain</c> says is what the gateway does: whatever the routes, the rules, the caller and the request, over the file
/// and asked of the gateway that runs.
/// </summary>
public sealed class ExplainPropertyTests
{
    /// <summary>Of the connection, of the trace or of this one request.</summary>
    private static readonly string[] NotCompared =
    [
        "X-Request-Id", "Connection", "Content-Length", "Transfer-Encoding", "traceparent", "tracestate", "Request-Id",
        "Correlation-Context", "baggage",
    ];

    [Fact]
    public async Task Explain_says_what_the_gateway_does()
    {
        var seen = new Seen();
        await ExplainCase.Any.SampleAsync(sample => AllAgreeAsync(sample, seen), iter: 4, threads: 1, print: _ => "as below");

        // Each request counts twice; a tenth of what is usual.
        Assert.InRange(seen.Forwarded, 15, int.MaxValue);
        Assert.InRange(seen.Refused, 70, int.MaxValue);
        Assert.InRange(seen.ByCondition, 10, int.MaxValue);
        Assert.InRange(seen.Counted, 10, int.MaxValue);
        Assert.InRange(seen.Origins, 2, int.MaxValue);
    }

    private static async Task AllAgreeAsync(ExplainCase sample, Seen seen)
    {
        await using var system = await TestSystem.StartAsync(yaml: sample.Yaml);
        await using var offline = GatewayApp.BuildUnstarted(
            [
                $"--Kratos:PublicUrl={system.Kratos.PublicUrl}",
                $"--SelfService:Url={system.Kratos.UiUrl.GetLeftPart(UriPartial.Authority)}",
            ],
            system.ConfigFile);
        var explain = offline.Services.GetRequiredService<ExplainCall>();
        var people = await Task.WhenAll(sample.Persons.Select(person => SignInAsync(system, person)));
        foreach (var request in sample.Requests)
        {
            var (session, whoami) = people[request.Person];
            var asked = Asked(request, session, whoami);
            var answer = await RawHttp.SendAsync(system.Url, Text(request, session));
            var received = system.Service.Received;
            system.Service.Forget();
            try
            {
                var described = asked.Session is not null;
                foreach (var said in new[] { await explain(asked, CancellationToken.None), await AskRunningAsync(system, asked) })
                {
                    await CompareAsync(system, answer, received, described, said, seen);
                    ComparePolicies(answer, said.Policies, seen);
                }
            }
            catch (Exception e)
            {
                var asker = $"{string.Join(", ", request.Headers)}; {sample.Persons[request.Person]}";
                throw new InvalidOperationException($"{request}: {asker}; with\n{sample.Yaml}\n{answer.Text}", e);
            }
        }
    }

    private static async Task<(DevSession Session, JsonElement Whoami)> SignInAsync(TestSystem system, ExplainPerson person)
    {
        var traits = new JsonObject { ["email"] = $"{Guid.NewGuid():N}@{person.Domain}" };
        if (person.Department is { } department)
            traits["department"] = department;
        var identity = await system.Kratos.CreateIdentityAsync(traits: traits, verified: person.Verified);
        var session = system.Kratos.SignIn(identity.Id, person.Aal2);
        system.Kratos.SetAuthenticatedAt(session.SessionId, system.Time.GetUtcNow() - TimeSpan.FromMinutes(person.MinutesAgo));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Session-Token", session.Token);
        var whoami = await http.GetFromJsonAsync<JsonElement>(new Uri(system.Kratos.PublicUrl, "/sessions/whoami"));
        return (session, whoami);
    }

    private static string Text(ExplainTarget request, DevSession session)
    {
        var credential = request.Credential switch
        {
            ExplainCredential.None => "",
            ExplainCredential.Unknown => "X-Session-Token: ory_st_nobody\r\n",
            ExplainCredential.Token => $"X-Session-Token: {session.Token}\r\n",
            _ => $"Cookie: {session.CookieHeader}\r\n",
        };
        var headers = string.Concat(request.Headers.Select(header => header + "\r\n"));
        var head = $"{request.Method} {request.Target} HTTP/1.1\r\nHost: {request.Host}\r\nConnection: close\r\n";
        return $"{head}{headers}{credential}\r\n";
    }

    private static ExplainRequest Asked(ExplainTarget request, DevSession session, JsonElement whoami)
    {
        var asked = new ExplainRequest
        {
            Method = request.Method,
            Url = $"http://{request.Host}{request.Target}",
            Headers = ["Connection: close", .. request.Headers],
        };
        return request.Credential switch
        {
            ExplainCredential.None => asked,
            ExplainCredential.Unknown => asked with { SessionToken = "ory_st_nobody" },
            ExplainCredential.Token => asked with { SessionToken = session.Token },
            ExplainCredential.Cookie => asked with { Cookie = session.CookieHeader },
            _ => asked with { Session = whoami, Cookie = session.CookieHeader },
        };
    }

    private static async Task<Explanation> AskRunningAsync(TestSystem system, ExplainRequest asked)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(
            new Uri(system.ManagementUrl, "/api/explain"), asked, ExplainJson.Default.ExplainRequest);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync(ExplainJson.Default.Explanation))!;
    }

    private static async Task CompareAsync(
        TestSystem system, RawAnswer answer, IReadOnlyList<Received> received, bool described, Explanation explained, Seen seen)
    {
        var text = JsonSerializer.Serialize(explained, ExplainJson.Default.Explanation);
        Assert.DoesNotContain("ory_st_", text, StringComparison.Ordinal);
        if (received.Count > 0)
        {
            CompareForwarded(system, Assert.Single(received), explained);
            seen.Forwarded++;
            return;
        }
        if (explained.Forward is { } elsewhere)
        {
            // To Kratos or its pages.
            Assert.DoesNotContain(system.Service.Url.Authority, elsewhere.Url, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(answer.Status, explained.Answer.Status);
        // Whether a described caller has a second factor, nobody can ask Kratos.
        if (!described || explained.Answer.Reason is not "second_factor_required")
            Assert.Equal(Header(answer, "Location"), explained.Answer.Location);
        if (explained.Answer.Allowed) return;
        await CompareRefusedAsync(system, Header(answer, "X-Request-Id")!, explained);
        seen.Refused++;
        if (explained.Conditions.Any(condition => condition.Holds is false))
            seen.ByCondition++;
    }

    private static void CompareForwarded(TestSystem system, Received received, Explanation explained)
    {
        Assert.NotNull(explained.Forward);
        Assert.True(explained.Answer.Allowed);
        Assert.All(explained.Conditions, condition => Assert.True(condition.Holds));
        Assert.Equal(received.Method, explained.Forward.Method);
        Assert.Equal(system.Service.Url.GetLeftPart(UriPartial.Authority) + received.Target, explained.Forward.Url);
        Assert.StartsWith($"/~{explained.Route}", received.Target, StringComparison.Ordinal);
        var got = received.Headers
            .Where(header => !NotCompared.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header.Key.ToLowerInvariant()}: {Credentials.Masked(header.Key, header.Value)}");
        var said = explained.Forward.Headers
            .Where(header => !NotCompared.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
            .Select(header => $"{header.Name.ToLowerInvariant()}: {header.Value}");
        Assert.Equal(got.Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
    }

    /// <summary>What an answer's head shows of the policies of its route.</summary>
    private static void ComparePolicies(RawAnswer answer, ExplainedPolicies? policies, Seen seen)
    {
        var isCounted = policies?.RateLimit is { Counted: true };
        Assert.Equal(Header(answer, "RateLimit-Policy"), isCounted ? policies!.RateLimit!.Policy : null);
        seen.Counted += isCounted ? 1 : 0;
        if (policies?.Cors is not { Allowed: { } allowed } cors) return;
        Assert.Equal(Header(answer, "Access-Control-Allow-Origin"), allowed ? cors.Origin : null);
        seen.Origins += allowed ? 1 : 0;
    }

    private static async Task CompareRefusedAsync(TestSystem system, string id, Explanation explained)
    {
        using var http = new HttpClient();
        var decision = await http.GetFromJsonAsync<JsonElement>(new Uri(system.ManagementUrl, $"/api/decisions/{id}"));
        Assert.Equal(Property(decision, "route"), explained.Route);
        Assert.Equal(Property(decision, "rule"), explained.Rule);
        Assert.Equal(Property(decision, "reason"), explained.Answer.Reason);
        Assert.Equal(Property(decision, "subject"), explained.Caller?.Subject);
        var decided = decision.GetProperty("conditions").EnumerateArray().Select(Told);
        var said = JsonSerializer.SerializeToElement(explained, ExplainJson.Default.Explanation)
            .GetProperty("conditions").EnumerateArray().Select(Told);
        Assert.Equal(decided, said);
    }

    /// <summary>An age is another a moment later.</summary>
    private static string Told(JsonElement condition)
    {
        var name = Property(condition, "name");
        var holds = condition.TryGetProperty("holds", out var outcome) ? $"{outcome}" : "not looked at";
        var found = name is "SessionAge" ? "" : Property(condition, "found");
        return $"{name}: {holds}, {Property(condition, "wanted")}, {found}";
    }

    private static string? Property(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string? Header(RawAnswer answer, string name) => answer.Text.Split("\r\n\r\n")[0].Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private sealed class Seen
    {
        public int Forwarded { get; set; }

        public int Refused { get; set; }

        public int ByCondition { get; set; }

        public int Counted { get; set; }

        public int Origins { get; set; }
    }
}
