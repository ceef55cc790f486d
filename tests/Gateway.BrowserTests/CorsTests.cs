using System.Text.Json;
using Gateway.BrowserTests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.BrowserTests;

/// <summary>What the script of a page of another origin gets: its browser goes by the route's CORS policy.</summary>
public sealed class CorsTests(Stage stage)
{
    [Fact]
    public async Task A_page_of_an_allowed_origin_reads_answers_and_denials_and_others_do_not()
    {
        Chromium.RequireInstalled();
        await using var allowed = await Page.StartAsync();
        await using var foreign = await Page.StartAsync();
        await using var system = await stage.StartAsync(Yaml(allowed));
        await using var ann = await stage.MemberAsync(system, signedInFor: TimeSpan.Zero);
        var hello = new Uri(system.Origin, "/hello").AbsoluteUri;

        await ann.OpenAsync(allowed.Url);
        var answer = await FetchAsync(ann, hello, "include");
        Assert.Equal((200, Visitor.Hello), (answer.Status, answer.Text));
        Assert.NotNull(answer.RequestId);

        var denial = await FetchAsync(ann, hello, "omit");
        Assert.Equal(401, denial.Status);
        Assert.Equal("no_session", Reason(denial));

        var failure = await FetchAsync(ann, new Uri(system.Origin, "/gone").AbsoluteUri, "include");
        Assert.Equal(502, failure.Status);

        await ann.OpenAsync(foreign.Url);
        foreach (var credentials in (string[])["include", "omit"])
            Assert.Equal("TypeError", (await FetchAsync(ann, hello, credentials)).Text);
    }

    [Fact]
    public async Task A_preflight_never_asks_kratos_and_decides_what_is_sent()
    {
        Chromium.RequireInstalled();
        await using var allowed = await Page.StartAsync();
        await using var foreign = await Page.StartAsync();
        await using var system = await stage.StartAsync(Yaml(allowed));
        await using var ann = await stage.MemberAsync(system, signedInFor: TimeSpan.Zero);
        var hello = new Uri(system.Origin, "/hello").AbsoluteUri;
        var asked = system.Kratos!.Faults.WhoamiCalls;

        await ann.OpenAsync(foreign.Url);
        Assert.Equal("TypeError", (await FetchAsync(ann, hello, "include", "X-Token")).Text);
        await ann.OpenAsync(allowed.Url);
        Assert.Equal("TypeError", (await FetchAsync(ann, hello, "include", "X-Other")).Text);
        Assert.Equal(asked, system.Kratos.Faults.WhoamiCalls);

        var answer = await FetchAsync(ann, hello, "include", "X-Token");
        Assert.Equal((200, Visitor.Hello), (answer.Status, answer.Text));
        Assert.Equal(asked + 1, system.Kratos.Faults.WhoamiCalls);
    }

    private static string Yaml(Page allowed) => $$"""
        Cors:
          Policies:
            web:
              AllowedOrigins: [ "{{allowed.Origin}}" ]
              AllowedHeaders: [ X-Token ]
              ExposedHeaders: [ X-Request-Id ]
              AllowCredentials: true
        ReverseProxy:
          Routes:
            hello:
              ClusterId: hello
              AuthorizationPolicy: signed-in
              CorsPolicy: web
              Match: { Path: "/hello/{**rest}", Methods: [GET] }
            gone: { ClusterId: gone, AuthorizationPolicy: anonymous, CorsPolicy: web, Match: { Path: /gone } }
          Clusters:
            gone: { Destinations: { a: { Address: "http://127.0.0.1:9" } } }
        """;

    private static string? Reason(CrossFetched answer) =>
        JsonElement.Parse(answer.Text).GetProperty("error").GetProperty("reason").GetString();

    /// <summary>What a script gets, or the name of the error that the browser gives it instead.</summary>
    private static Task<CrossFetched> FetchAsync(Visitor visitor, string url, string credentials, string? header = null) =>
        visitor.Page.EvaluateAsync<CrossFetched>(
            """
            async ([url, credentials, header]) => {
              try {
                const answer = await fetch(url, { credentials, headers: header ? { [header]: '1' } : {} });
                return { status: answer.status, requestId: answer.headers.get('x-request-id'), text: await answer.text() };
              } catch (error) {
                return { status: 0, requestId: null, text: error.name };
              }
            }
            """,
            new[] { url, credentials, header });

    private sealed class CrossFetched
    {
        public int Status { get; set; }

        public string? RequestId { get; set; }

        public string Text { get; set; } = "";
    }

    /// <summary>An empty page of an origin of its own: the same host and another port.</summary>
    private sealed class Page(WebApplication app) : IAsyncDisposable
    {
        public string Origin => app.Urls.First();

        public string Url => Origin + "/";

        public static async Task<Page> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.Run(context =>
            {
                context.Response.ContentType = "text/html";
                return context.Response.WriteAsync("<!doctype html><title>elsewhere</title>");
            });
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new Page(app);
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
        }
    }
}
