using Gateway.Denials;

namespace Gateway.UnitTests.Denials;

public sealed class LoginPagesTests
{
    [Theory]
    [InlineData("http://h/auth/login?flow=1", "h", "/auth/login", true)]
    [InlineData("/auth/login?flow=1", "h", "/AUTH/LOGIN/", true)]
    [InlineData("/auth/login?flow=1", "other", "/auth/login", true)]
    [InlineData("/auth/login?flow=1", "h", "/auth", false)]
    [InlineData("/auth/error?id=1", "h", "/auth/error", false)]
    [InlineData("/hello", "h", "/hello", false)]
    [InlineData("/?flow=1", "h", "/", false)]
    [InlineData("::", "h", "::", false)]
    [InlineData("http://login.test/hello?flow=1", "shop.test", "/hello", false)]
    [InlineData("http://login.test:8080/hello?flow=1", "login.test", "/hello", false)]
    [InlineData("http://login.test/hello?flow=1", "login.test:8080", "/hello", false)]
    [InlineData("https://login.test/hello?flow=1", "LOGIN.test:443", "/hello", true)]
    [InlineData("https://login.test:443/hello?flow=1", "login.test", "/hello", true)]
    [InlineData("http://login.test:8080/hello?flow=1", "login.test:8080", "/hello", true)]
    [InlineData("http://h/caf%C3%A9?flow=1", "h", "/caf\u00e9", true)]
    public void IsLoginPage_AfterARedirect_OnlyAPageThatGetsAFlow(string location, string host, string path, bool expected)
    {
        var pages = new LoginPages();
        pages.Learn(location);
        Assert.Equal(expected, pages.IsLoginPage(host, path));
    }
}
