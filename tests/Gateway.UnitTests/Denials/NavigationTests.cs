using Gateway.Denials;
using Microsoft.AspNetCore.Http;

namespace Gateway.UnitTests.Denials;

public sealed class NavigationTests
{
    private static HttpRequest Request(string method, params string[] headers)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        foreach (var header in headers)
            request.Headers.Append(header.Split(": ")[0], header.Split(": ")[1]);
        return request;
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("POST", false)]
    [InlineData("OPTIONS", false)]
    public void Is_Method_OnlyWhatCanBeRepeated(string method, bool expected) =>
        Assert.Equal(expected, Navigation.Is(Request(method, "Sec-Fetch-Mode: navigate", "Accept: text/html")));

    [Theory]
    [InlineData(true, "Sec-Fetch-Mode: navigate")]
    [InlineData(false, "Sec-Fetch-Mode: cors", "Accept: text/html")]
    [InlineData(false, "Sec-Fetch-Dest: document", "Accept: text/html")]
    [InlineData(false, "Sec-Fetch-Mode: navigate", "X-Requested-With: xmlhttprequest")]
    [InlineData(true, "Accept: text/html", "X-Requested-With: other")]
    public void Is_FetchMetadata_BeforeAccept(bool expected, params string[] headers) =>
        Assert.Equal(expected, Navigation.Is(Request("GET", headers)));

    /// <summary>
    /// Oathkeeper's mime-06 (text/html;q=0.9, …, application/json;q=0.7) matches JSON there, because any listed type counts; here
    /// the better one does.
    /// </summary>
    [Theory]
    [InlineData("text/html", true)]
    [InlineData("text/html;q=0.9, application/xml;q=0.8, application/json;q=0.7", true)]
    [InlineData("application/json, text/html", false)]
    [InlineData("text/html, application/json", true)]
    [InlineData("application/json, text/html;q=0.9", false)]
    [InlineData("text/html;q=0", false)]
    [InlineData("text/*", false)]
    [InlineData("*/*", false)]
    [InlineData("application/json", false)]
    [InlineData("", false)]
    [InlineData(";;", false)]
    public void PrefersHtml_Accept_NamesItAndPrefersIt(string accept, bool expected) =>
        Assert.Equal(expected, Navigation.PrefersHtml(Request("GET", $"Accept: {accept}")));
}
