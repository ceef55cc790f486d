using Gateway.Configuration;

namespace Gateway.UnitTests.Configuration;

public sealed class ConfigSourceTests
{
    [Theory]
    [InlineData("Kratos:PublicUrl", "http://u:p@h/x", "http://***@h/x")]
    [InlineData("Kratos:PublicUrl", "http://u:p@q@h", "http://***@h")]
    [InlineData("Kratos:PublicUrl", "http://h/x", "http://h/x")]
    [InlineData("Rule:Email", "a@b", "a@b")]
    [InlineData("Replicas:Password", "x", "***")]
    [InlineData("A:ConnectionString", "x", "***")]
    [InlineData("A:B", null, null)]
    public void Shown_Value_WithoutSecrets(string key, string? value, string? shown) =>
        Assert.Equal(shown, ConfigSource.Shown(key, value));
}
