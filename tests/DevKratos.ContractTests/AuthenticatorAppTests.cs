using DevKratos.ContractTests.Support;

namespace DevKratos.ContractTests;

public sealed class AuthenticatorAppTests
{
    /// <summary>
    /// Vectors of RFC 6238, appendix B, shortened to six digits; the key is the ASCII text 12345678901234567890.
    /// </summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(2000000000, "279037")]
    public void The_codes_are_those_of_the_standard(long unixTime, string code) =>
        Assert.Equal(
            code, AuthenticatorApp.Code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", DateTimeOffset.FromUnixTimeSeconds(unixTime)));
}
