using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace DevKratos.ContractTests.Support;

/// <summary>Sets the scene a recording was made in, step by step, and sends its request.</summary>
internal sealed class Stage
{
    private readonly KratosTarget _target;
    private Client _browser;

    public Stage(KratosTarget target)
    {
        (_target, _browser) = (target, new Client(target));
        Variables.Compute("totp_code", () => Flows.Code(_target, Variables["totp_secret"]));
        if (target.Server is { } server)
            Variables["ui_origin"] = server.UiUrl.GetLeftPart(UriPartial.Authority);
    }

    public StageVariables Variables { get; } = new();

    public async Task PrepareAsync(IEnumerable<string> steps)
    {
        foreach (var step in steps)
            await StepAsync(step);
    }

    public async Task PrepareAsync(Recording recording)
    {
        await PrepareAsync(recording.Given ?? []);
        if (_target.Server is null && NeedsUi(recording))
            await FindUiAsync();
        foreach (var request in recording.Before ?? [])
        {
            using var answer = await SendAsync(request);
        }
    }

    public async Task<HttpResponseMessage> SendAsync(RecordedRequest recorded)
    {
        var at = recorded.Port == "admin" ? _target.AdminUrl : _target.PublicUrl;
        using var request = new HttpRequestMessage(
            new HttpMethod(recorded.Method), new Uri(at, Variables.Fill(recorded.Path).TrimStart('/')));
        if (recorded.Body is not null || recorded.Headers.ContainsKey("Content-Type"))
        {
            request.Content = new StringContent(Variables.Fill(recorded.Body ?? ""), Encoding.UTF8);
            request.Content.Headers.Remove("Content-Type");
        }

        request.Headers.UserAgent.ParseAdd(Client.DefaultUserAgent);
        foreach (var (name, value) in recorded.Headers)
        {
            var filled = Variables.Fill(value);
            if (name == "Content-Type")
                request.Content!.Headers.TryAddWithoutValidation(name, filled);
            else
                Assert.True(request.Headers.TryAddWithoutValidation(name, filled), name);
        }

        return await _target.SendAsync(request);
    }

    private Task StepAsync(string step) => step switch
    {
        "new email" => Done(() => Variables["email"] = Flows.NewEmail()),
        "person" => RegisterAsync(name: null),
        "named person" => RegisterAsync(new JsonObject { ["first"] = "Ann", ["last"] = "Example" }),
        "imported person" => ImportAsync(),
        "api login flow" => BeginAsync("login/api"),
        "api registration flow" => BeginAsync("registration/api"),
        "browser login flow" => BeginAsync("login/browser"),
        "browser login flow with return_to" =>
            BeginAsync("login/browser", "?return_to=" + Uri.EscapeDataString(Variables["ui_origin"] + "/app")),
        "browser registration flow" => BeginAsync("registration/browser"),
        "settings flow" => BeginAsync("settings/browser"),
        "step-up flow" => BeginAsync("login/browser", "?aal=aal2"),
        "browser session" => SignInAsync(""),
        "other browser session" => SignInAsync("other_"),
        "revoked browser session" => RevokedAsync(),
        "api session" => SignInApiAsync(),
        "logout token" => LogoutTokenAsync(),
        "second factor" => EnrolElsewhereAsync(),
        "enrol in this session" => EnrolAsync(_browser),
        "stepped up" => StepUpAsync(),
        "session extended" => ExtendAsync(),
        "a moment passes" => Done(() => _target.Clock!.Advance(TimeSpan.FromSeconds(2))),
        "twenty minutes pass" => Done(() => _target.Clock!.Advance(TimeSpan.FromMinutes(20))),
        "a day passes" => Done(() => _target.Clock!.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1))),
        "database down" => Done(() => _target.Server!.Faults.DatabaseDown = true),
        "database up" => Done(() => _target.Server!.Faults.DatabaseDown = false),
        _ => throw new ArgumentException($"No step \"{step}\".", nameof(step)),
    };

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private async Task RegisterAsync(JsonObject? name)
    {
        Variables["email"] = Flows.NewEmail();
        var answer = await new Client(_target).RegisterAsync(Variables["email"], name);
        Variables["identity"] = answer.GetProperty("identity").GetProperty("id").GetString()!;
    }

    private async Task ImportAsync()
    {
        Variables["email"] = Flows.NewEmail();
        var body = JsonNode.Parse("""{"schema_id":"default","credentials":{"password":{"config":{}}},"metadata_public":{"plan":"gold"},"metadata_admin":{"note":"secret"}}""")!;
        body["traits"] = new JsonObject { ["email"] = Variables["email"] };
        body["credentials"]!["password"]!["config"]!["password"] = Flows.Password;
        var answer = (await new Client(_target).AdminAsync(
            HttpMethod.Post, "admin/identities", body)).Expect(HttpStatusCode.Created).Json;
        Variables["identity"] = answer.GetProperty("id").GetString()!;
    }

    private async Task BeginAsync(string kind, string query = "")
    {
        var isApi = kind.EndsWith("/api", StringComparison.Ordinal);
        var flow = await (isApi ? new Client(_target) : _browser).BeginAsync(kind, query);
        Variables["flow"] = flow.Id();
        if (isApi) return;
        Variables["csrf_cookie"] = _browser.CsrfCookie;
        Variables["csrf_token"] = flow.Csrf();
        if (kind.StartsWith("settings", StringComparison.Ordinal))
            Variables["totp_secret"] = flow.TotpSecret();
    }

    private async Task SignInAsync(string prefix)
    {
        var browser = new Client(_target);
        var answer = await browser.LoginBrowserAsync(Variables["email"]);
        if (answer.TryGetProperty("session", out var session))
            Variables[prefix + "session"] = session.GetProperty("id").GetString()!;
        if (prefix.Length == 0)
            _browser = browser;
        Remember(browser, prefix);
    }

    private void Remember(Client browser, string prefix = "")
    {
        var value = browser.SessionCookie;
        Variables[prefix + "session_cookie"] = "ory_kratos_session=" + value;
        Variables[prefix + "session_cookie_value"] = value;
        Variables[prefix + "tampered_session_cookie"] = "ory_kratos_session=" + value[..^8] + "AAAAAAA=";
        Variables[prefix + "csrf_cookie"] = browser.CsrfCookie;
    }

    private async Task SignInApiAsync()
    {
        var client = new Client(_target);
        var answer = await client.LoginApiAsync(Variables["email"]);
        Variables["session_token"] = client.SessionToken!;
        Variables["session"] = answer.GetProperty("session").GetProperty("id").GetString()!;
    }

    private async Task RevokedAsync()
    {
        var answer = await new Client(_target).LoginBrowserAsync(Variables["email"]);
        (await new Client(_target).AdminAsync(
            HttpMethod.Delete,
            "admin/sessions/" + answer.GetProperty("session").GetProperty("id").GetString())).Expect(HttpStatusCode.NoContent);
    }

    private async Task LogoutTokenAsync() =>
        Variables["logout_token"] = (await _browser.GetAsync("self-service/logout/browser")).Expect(HttpStatusCode.OK).Json
            .GetProperty("logout_token")
            .GetString()!;

    private async Task EnrolElsewhereAsync()
    {
        var elsewhere = new Client(_target);
        await elsewhere.LoginBrowserAsync(Variables["email"]);
        await EnrolAsync(elsewhere);
    }

    private async Task EnrolAsync(Client browser)
    {
        Variables["totp_secret"] = await browser.EnrolTotpAsync(_target);
        if (browser == _browser)
            Remember(browser);
    }

    private async Task StepUpAsync()
    {
        await _browser.StepUpBrowserAsync(_target, Variables["totp_secret"]);
        Remember(_browser);
    }

    private async Task ExtendAsync() =>
        (await new Client(_target).AdminAsync(
            HttpMethod.Patch, $"admin/sessions/{Variables["session"]}/extend")).Expect(HttpStatusCode.OK);

    private static bool NeedsUi(Recording recording) => recording.Request.Path.Contains("{ui_origin", StringComparison.Ordinal);

    /// <summary>Against a real Kratos the address of the pages is where a login sends a browser.</summary>
    private async Task FindUiAsync()
    {
        var answer = await new Client(_target).GetAsync("self-service/login/browser", "text/html");
        Variables["ui_origin"] = new Uri(answer.Location!).GetLeftPart(UriPartial.Authority);
    }
}
