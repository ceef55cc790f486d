using System.Text;
using System.Text.Json;
using CsCheck;
using Gateway.Decisions;
using Gateway.Kratos;

namespace Gateway.UnitTests.Kratos;

public sealed class WhoamiReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Good = """
        {"id":"s","active":true,"expires_at":"2026-01-02T12:00:00Z","authenticated_at":"2026-01-01T11:00:00.123456789Z","authenticator_assurance_level":"aal1",
         "identity":{"id":"i","schema_id":"default","traits":{"email":"a@b"},"verifiable_addresses":[{"verified":false,"via":"email"},{"verified":true,"via":"email"}]},"more":[1]}
        """;

    private static WhoamiAnswer Read(string body) => WhoamiReader.Read(Encoding.UTF8.GetBytes(body), Now);

    [Fact]
    public void Read_WholeSession_Active()
    {
        var answer = Read(Good);
        Assert.Equal(WhoamiStatus.Active, answer.Status);
        var session = answer.Session!;
        Assert.Equal(
            ("s", "i", "default", AssuranceLevel.Aal1, true),
            (session.Id, session.IdentityId, session.SchemaId, session.AssuranceLevel, session.VerifiedEmails.Count > 0));
        Assert.Equal(Now.AddDays(1), session.ExpiresAt);
        Assert.Equal("a@b", session.Traits.Json.GetProperty("email").GetString());
    }

    [Fact]
    public void Read_TraitsOfAnyKind_ParsedOnceAndExactly()
    {
        foreach (var traits in (string[])["""{"a":"\u00e9","a":[1,{"b":null}]}""", "[]", "null", "1.50"])
        {
            var read = Read(Good.Replace("""{"email":"a@b"}""", traits, StringComparison.Ordinal)).Session!.Traits;
            Assert.Equal(traits, read.Json.GetRawText());
            Assert.Equal(read.Json, read.Json);
        }
        Assert.Equal(
            JsonValueKind.Undefined,
            Read(Good.Replace("\"traits\"", "\"other\"", StringComparison.Ordinal)).Session!.Traits.Json.ValueKind);
    }

    [Theory]
    [InlineData("\"active\":true", "\"active\":false")]
    [InlineData("2026-01-02T12:00:00Z", "2026-01-01T12:00:00Z")]
    [InlineData("2026-01-02T12:00:00Z", "2026-01-01T13:00:00+02:00")]
    public void Read_SessionThatDoesNotCount_NoSession(string from, string to) =>
        Assert.Equal(WhoamiStatus.NoSession, Read(Good.Replace(from, to, StringComparison.Ordinal)).Status);

    [Theory]
    [InlineData("\"active\":true", "\"active\":null")]
    [InlineData("\"active\":true,", "")]
    [InlineData("\"id\":\"s\"", "\"id\":\"\"")]
    [InlineData("\"id\":\"s\",", "")]
    [InlineData("\"id\":\"i\"", "\"id\":\"\"")]
    [InlineData("\"id\":\"i\",", "")]
    [InlineData("\"expires_at\":\"2026-01-02T12:00:00Z\",", "")]
    [InlineData("\"identity\":{", "\"other\":{")]
    public void Read_WithoutWhatASessionSays_NoVerdict(string from, string to) =>
        Assert.Equal(WhoamiStatus.NoVerdict, Read(Good.Replace(from, to, StringComparison.Ordinal)).Status);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("5")]
    [InlineData("{")]
    [InlineData("<html>")]
    [InlineData("{\"active\":\"true\"}")]
    [InlineData("{\"active\":1}")]
    [InlineData("{\"expires_at\":\"soon\"}")]
    [InlineData("{\"identity\":\"i\"}")]
    [InlineData("{\"id\":5}")]
    [InlineData("{} {}")]
    [InlineData("{}x")]
    public void Read_Garbage_NoVerdict(string body) => Assert.Equal(WhoamiStatus.NoVerdict, Read(body).Status);

    [Fact]
    public void Read_SomethingBehindTheSession_NoVerdict() => Assert.Equal(WhoamiStatus.NoVerdict, Read(Good + "{}").Status);

    [Theory]
    [InlineData("aal0", AssuranceLevel.Unknown)]
    [InlineData("aal1", AssuranceLevel.Aal1)]
    [InlineData("aal2", AssuranceLevel.Aal2)]
    [InlineData("aal3", AssuranceLevel.Unknown)]
    [InlineData("AAL2", AssuranceLevel.Unknown)]
    [InlineData("", AssuranceLevel.Unknown)]
    public void Read_AssuranceLevel_UnknownOnesCountAsNone(string level, object expected) =>
        Assert.Equal(
            (AssuranceLevel)expected,
            Read(Good.Replace("\"aal1\"", $"\"{level}\"", StringComparison.Ordinal)).Session!.AssuranceLevel);

    [Theory]
    [InlineData("")]
    [InlineData(".1")]
    [InlineData(".12")]
    [InlineData(".123")]
    [InlineData(".1234")]
    [InlineData(".12345")]
    [InlineData(".123456")]
    [InlineData(".1234567")]
    [InlineData(".12345678")]
    [InlineData(".123456789")]
    public void Read_FractionOfASecond_AnyNumberOfDigits(string fraction)
    {
        var session = Read(Good.Replace(".123456789Z", fraction + "Z", StringComparison.Ordinal)).Session!;
        Assert.Equal(Now.AddHours(-1), session.AuthenticatedAt, TimeSpan.FromSeconds(1));
        Assert.Equal(
            WhoamiStatus.Active,
            Read(Good.Replace("2026-01-02T12:00:00Z", $"2026-01-02T12:00:00{fraction}Z", StringComparison.Ordinal)).Status);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""[{"verified":true,"via":"sms"}]""")]
    [InlineData("""[{"verified":false,"via":"email"}]""")]
    public void Read_NoVerifiedEmail_False(string addresses)
    {
        var body = $$$"""
            {"id":"s","active":true,"expires_at":"2026-01-02T12:00:00Z",
             "identity":{"id":"i","verifiable_addresses":{{{addresses}}}}}
            """;

        Assert.Empty(Read(body).Session!.VerifiedEmails);
    }

    [Fact]
    public void Read_WithoutAuthenticatedAt_AsOldAsCanBe()
    {
        const string Body = """{"id":"s","active":true,"expires_at":"2026-01-02T12:00:00Z","identity":{"id":"i"}}""";

        Assert.Equal(DateTimeOffset.MinValue, Read(Body).Session!.AuthenticatedAt);
    }

    /// <summary>Whatever bytes are changed, there is a verdict or none, never an exception.</summary>
    [Fact]
    public void Read_DamagedBody_NeverThrows() =>
        Gen.Select(Gen.Int[0, Good.Length - 1], Gen.Byte).Array[5].Sample(damage =>
        {
            var body = Encoding.UTF8.GetBytes(Good);
            foreach (var (at, value) in damage)
                body[at] = value;
            _ = WhoamiReader.Read(body, Now);
        });
}
