using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

/// <summary>
/// What a second look at a running Kratos v26.2.0 found, where no whole answer was recorded: statuses and what an answer holds.
/// </summary>
public sealed class SecondLookTests
{
    private const string Flowing = "\"ui\":{\"action\":";
    private const string Json = "application/json";

    private static readonly string[] Person = ["person"];
    private static readonly string[] App = ["person", "api session"];
    private static readonly string[] Browser = ["person", "browser session"];

    private static readonly Row[] Rows =
    [
        new("whoami: Bearer and two spaces", 401, "GET /sessions/whoami")
        {
            Given = App,
            Headers = new() { ["Authorization"] = "Bearer  {session_token}" },
        },
        new("whoami: empty cookie and a good Bearer", 500, "GET /sessions/whoami")
        {
            Given = App,
            Headers = new() { ["Cookie"] = "ory_kratos_session=", ["Authorization"] = "Bearer {session_token}" },
        },
        new("whoami: garbage cookie and a good Bearer", 500, "GET /sessions/whoami")
        {
            Given = App,
            Headers = new() { ["Cookie"] = "ory_kratos_session=garbage", ["Authorization"] = "Bearer {session_token}" },
        },
        new(
            "whoami: PURGE",
            405,
            "PURGE /sessions/whoami") { Given = Browser, Headers = new() { ["Cookie"] = "{session_cookie}" } },

        new("login: a type with a parameter is not JSON", 303, "GET /self-service/login/browser")
        {
            Headers = new() { ["Accept"] = "application/json; charset=utf-8" },
        },
        new("login: a type in upper case is not JSON", 303, "GET /self-service/login/browser")
        {
            Headers = new() { ["Accept"] = "APPLICATION/JSON" },
        },
        new(
            "login: a login challenge",
            500,
            "GET /self-service/login/browser?login_challenge=x") { Headers = new() { ["Accept"] = Json } },
        new("login: POST without a flow", 400, "POST /self-service/login") { Headers = Posted(), Body = "{}" },
        new("login: POST without a content type", 400, "POST /self-service/login?flow={flow}")
        {
            Given = [.. Person, "api login flow"],
            Headers = new() { ["Accept"] = Json },
            Body = """{"method":"password","identifier":"{email}","password":"correct-horse-battery-7319"}""",
            Holds = "unknown HTTP Header",
        },
        new("login: POST with a session's token", 400, "POST /self-service/login?flow={flow}")
        {
            Given = [.. App, "api login flow"],
            Headers = new(Posted()) { ["X-Session-Token"] = "{session_token}" },
            Body = """{"method":"password","identifier":"{email}","password":"correct-horse-battery-7319"}""",
            Holds = Flowing,
        },
        new("login: GET of a flow's address", 400, "GET /self-service/login?flow={flow}")
        {
            Given = ["api login flow"],
            Headers = new() { ["Accept"] = Json },
            Holds = Flowing,
        },
        new(
            "login: POST to where a browser begins",
            403,
            "POST /self-service/login/browser") { Headers = Posted(), Holds = "security_csrf_violation" },
        new("logout: POST", 403, "POST /self-service/logout") { Headers = Posted(), Holds = "security_csrf_violation" },

        new("registration: an empty object", 400, "POST /self-service/registration?flow={flow}")
        {
            Given = ["api registration flow"],
            Headers = Posted(),
            Body = "{}",
            Holds = Flowing,
        },
        new("registration: an unknown trait", 400, "POST /self-service/registration?flow={flow}")
        {
            Given = ["api registration flow", "new email"],
            Headers = Posted(),
            Body = """{"method":"password","password":"correct-horse-battery-7319","traits":{"email":"{email}","shoe":"44"}}""",
            Holds = Flowing,
        },
        new("registration: the profile step keeps its labels", 400, "POST /self-service/registration?flow={flow}")
        {
            Given = ["api registration flow", "new email"],
            Headers = Posted(),
            Body = """{"method":"profile","traits":{"email":"{email}"}}""",
            Holds = "\"title\":\"E-Mail\"",
        },

        new("admin: a person of an unknown schema", 400, "POST admin /admin/identities")
        {
            Given = ["new email"],
            Headers = Posted(),
            Body = """{"schema_id":"unknown","traits":{"email":"{email}"}}""",
        },
        new("admin: a session that is no UUID", 400, "GET admin /admin/sessions/garbage"),
        new("admin: extend a session that is no UUID", 400, "PATCH admin /admin/sessions/garbage/extend"),
        new("admin: end an unknown session", 404, "DELETE admin /admin/sessions/00000000-0000-4000-8000-000000000000"),

        new("sessions: a page after the last", 200, "GET /sessions?page=9")
        {
            Given = [.. Browser, "other browser session"],
            Headers = new() { ["Cookie"] = "{session_cookie}" },
            Holds = "[]",
        },
        new("public port: /admin alone", 404, "GET /admin"),
    ];

    public static TheoryData<string> Names => [.. Rows.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_answer_is_that_of_a_running_kratos(string name)
    {
        var row = Rows.Single(r => r.Name == name);
        await using var target = await KratosTarget.StartAsync();

        var text = await AskAsync(target, row);

        Assert.Contains(row.Holds, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("registration: an empty object")]
    [InlineData("registration: an unknown trait")]
    public async Task What_is_wrong_with_the_traits_is_no_message_of_the_whole_form(string name)
    {
        await using var target = await KratosTarget.StartAsync();

        var flow = JsonNode.Parse(await AskAsync(target, Rows.Single(r => r.Name == name)))!;

        Assert.Null(flow["ui"]!["messages"]);
    }

    [Fact]
    public async Task A_login_can_be_asked_for_by_GET_HEAD_and_POST()
    {
        await using var target = await KratosTarget.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(target.PublicUrl, "self-service/login"));

        using var answer = await target.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD", "POST"], answer.Content.Headers.Allow.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Browser/1.0 (test)")]
    public async Task A_session_knows_the_user_agent_it_was_made_with(string? agent)
    {
        await using var target = await KratosTarget.StartAsync();
        var email = Flows.NewEmail();
        await new Client(target).RegisterAsync(email);
        var client = new Client(target) { UserAgent = agent };
        await client.LoginApiAsync(email);

        var session = (await client.GetAsync("sessions/whoami")).Expect(HttpStatusCode.OK).Json;

        Assert.Equal(agent, session.GetProperty("devices")[0].GetProperty("user_agent").GetString());
    }

    /// <summary>Over a socket: HttpClient would join the two lines to one.</summary>
    [Theory]
    [InlineData("{session_token}", "ory_st_garbage", 200)]
    [InlineData("ory_st_garbage", "{session_token}", 401)]
    public async Task Of_two_session_tokens_the_first_counts(string first, string second, int status)
    {
        await using var target = await KratosTarget.StartAsync();
        var stage = new Stage(target);
        await stage.PrepareAsync(App);
        var (one, two) = (stage.Variables.Fill(first), stage.Variables.Fill(second));
        var head = $"""
            GET /sessions/whoami HTTP/1.1
            Host: {target.PublicUrl.Authority}
            X-Session-Token: {one}
            X-Session-Token: {two}
            Connection: close


            """;
        using var socket = new TcpClient();
        await socket.ConnectAsync(target.PublicUrl.Host, target.PublicUrl.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n")), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);

        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(KratosTarget target, Row row)
    {
        var stage = new Stage(target);
        await stage.PrepareAsync(row.Given);
        var words = row.Request.Split(' ');
        var request = new RecordedRequest(words[0], words[^1], row.Headers, words.Length > 2 ? words[1] : null, row.Body);

        using var answer = await stage.SendAsync(request);

        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(row.Status == (int)answer.StatusCode, $"expected {row.Status}, got {(int)answer.StatusCode}: {text}");
        return text;
    }

    private static Dictionary<string, string> Posted() => new() { ["Accept"] = Json, ["Content-Type"] = Json };

    private sealed record Row(string Name, int Status, string Request)
    {
        public string[] Given { get; init; } = [];

        public Dictionary<string, string> Headers { get; init; } = [];

        public string? Body { get; init; }

        public string Holds { get; init; } = "";
    }
}
