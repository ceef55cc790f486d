using Gateway.Denials;

namespace Gateway.UnitTests.Denials;

public sealed class LoginPagesTests
{
    [Theory]
    [InlineData("http://h/auth/login?flow=1", "/auth/login", true)]
    [InlineData("/auth/login?flow=1", "/AUTH/LOGIN/", true)]
    [InlineData("/auth/login?flow=1", "/auth", false)]
    [InlineData("/auth/error?id=1", "/auth/error", false)]
    [InlineData("/hello", "/hello", false)]
    [InlineData("/?flow=1", "/", false)]
    [InlineData("::", "::", false)]
    public void IsLoginPage_AfterARedirect_OnlyAPageThatGetsAFlow(string location, string path, bool expected)
    {
        var pages = new LoginPages();
        pages.Learn(location);
        Assert.Equal(expected, pages.IsLoginPage(path));
    }
}
