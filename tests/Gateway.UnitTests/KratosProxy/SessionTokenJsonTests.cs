using System.Text;
using Gateway.KratosProxy;

namespace Gateway.UnitTests.KratosProxy;

public sealed class SessionTokenJsonTests
{
    [Theory]
    [InlineData("""{"session_token":"t"}""", "t")]
    [InlineData("""{"Session_Token":"t"}""", "t")] // Go reads names in any case
    [InlineData("""{"session_token":"t"} and more""", "t")] // and stops behind the value
    [InlineData("""{"continue_with":[{"action":"set","session_token":"t"}]}""", "t")]
    [InlineData("""{"session_token":""}""", null)]
    [InlineData("""{"session_token":7}""", null)]
    [InlineData("""{"other":"session_token"}""", null)]
    [InlineData("""{"session_token":"\ud800"}""", null)]
    [InlineData("{", null)]
    [InlineData("", null)]
    [InlineData("[]{\"session_token\":\"t\"}", null)]
    public void Find_Body_FirstTokenOfTheFirstValue(string body, string? expected) =>
        Assert.Equal(expected, SessionTokenJson.Find(Encoding.UTF8.GetBytes(body), "session_token")?.SessionToken);
}
