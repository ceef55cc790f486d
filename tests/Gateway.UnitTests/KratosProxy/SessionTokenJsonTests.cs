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

    [Theory]
    [InlineData("""{"session_token":"t"}""", "t")]
    [InlineData("""{"session_token":"other","session_token":"t"}""", "t")] // Go takes the last
    [InlineData("""{"session_token":"other","SESSION_TOKEN":"t"}""", "t")]
    [InlineData("""{"session_token":"t","Session_Token":null}""", "t")] // and null changes nothing
    [InlineData("""{"nested":{"session_token":"other"},"session_token":"t"}""", "t")]
    [InlineData("""{"session_token":"t","nested":[{"session_token":"other"}]}""", "t")]
    [InlineData("{\"\u017fe\u017f\u017fion_to\u212aen\":\"t\"}", "t")]
    [InlineData("""{"\u0073ession_token":"\u0074"}""", "t")]
    [InlineData("""{"\ud800":1,"session_token":"t"}""", "t")]
    [InlineData(" \t\r\n{\"session_token\":\"t\"} and more", "t")]
    [InlineData("""{"session_token":""}""", null)]
    [InlineData("""{"session_token":7}""", null)]
    [InlineData("""{"nested":{"session_token":"t"}}""", null)]
    [InlineData("""[{"session_token":"t"}]""", null)]
    [InlineData("\"session_token\"", null)]
    [InlineData("{", null)]
    [InlineData("", null)]
    public void Submitted_Body_TheTokenThatKratosReads(string body, string? expected) =>
        Assert.Equal(expected, SessionTokenJson.Submitted(Encoding.UTF8.GetBytes(body), "session_token")?.SessionToken);

    [Fact]
    public void Submitted_DeepOrNoUnicodeBeforeTheToken_StillFindsIt()
    {
        var deep = $$"""{"a":{{new string('[', 5000)}}{{new string(']', 5000)}},"session_token":"t"}""";
        byte[] odd = [.. "{\"a"u8, 0xff, .. "\":1,\"session_token\":\"t\"}"u8];

        Assert.Equal("t", SessionTokenJson.Submitted(Encoding.UTF8.GetBytes(deep), "session_token")?.SessionToken);
        Assert.Equal("t", SessionTokenJson.Submitted(odd, "session_token")?.SessionToken);
    }
}
