using System.Text.Json;
using Gateway.BrowserTests.Harness;

namespace Gateway.BrowserTests;

/// <summary>What a page's script gets from <c>fetch</c>: answers, never a login page.</summary>
public sealed class ScriptTests(Stage stage)
{
    /// <summary>A page of the origin whose rules let scripts fetch.</summary>
    private const string SomePage = "/auth/health/alive";

    [Fact]
    public async Task A_fetch_without_a_session_is_told_so_in_json_and_where_a_browser_can_sign_in()
    {
        await using var ann = await stage.VisitorAsync();
        await ann.OpenAsync(SomePage);
        var answer = await ann.FetchAsync("/hello");
        Assert.Equal((401, false, "application/json"), (answer.Status, answer.Redirected, answer.Type));
        var body = JsonElement.Parse(answer.Text);
        Assert.Equal("session_required", body.GetProperty("error").GetProperty("id").GetString());

        await ann.OpenAsync(body.GetProperty("redirect_browser_to").GetString()!);
        await ann.SeesPageAsync("Sign in");
    }

    [Fact]
    public async Task A_fetch_of_a_signed_in_person_gets_the_answer_of_the_service()
    {
        await using var ann = await stage.MemberAsync(signedInFor: TimeSpan.Zero);
        await ann.OpenAsync(SomePage);
        var answer = await ann.FetchAsync("/hello");
        Assert.Equal((200, false, Visitor.Hello), (answer.Status, answer.Redirected, answer.Text));
    }

    [Fact]
    public async Task A_fetch_that_needs_a_second_factor_is_403_and_not_redirected()
    {
        await using var ann = await stage.MemberAsync(signedInFor: TimeSpan.Zero);
        await ann.OpenAsync(SomePage);
        var answer = await ann.FetchAsync("/vault");
        Assert.Equal((403, false), (answer.Status, answer.Redirected));
        Assert.Contains("session_aal2_required", answer.Text, StringComparison.Ordinal);
    }
}
