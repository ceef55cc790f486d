using System.Text;
using System.Text.Json;
using Gateway.Configuration;
using Gateway.Decisions;
using Gateway.Forwarding.Mutators;
using Gateway.Forwarding.Signing;
using Gateway.UnitTests.Forwarding.Mutators;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.UnitTests.Forwarding.Signing;

/// <summary>
/// A section <c>IdentityToken</c> with keys in a folder of its own, and a signer on a clock that a test moves.
/// </summary>
internal sealed class Tokens : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("gateway-tokens-").FullName;

    public FakeTimeProvider Time { get; } = new(Start);

    public TokenSigner Signer { get; }

    public Tokens() => Signer = new(Time);

    public string NewKey(string name, string algorithm = "ES256")
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, SigningKeyFile.NewPem(algorithm));
        return path;
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <param name="section">The section as JSON; without keys it gets one.</param>
    public TokenIssuer? Read(string section, out IReadOnlyList<ConfigError> errors, bool isDevelopment = false)
    {
        var json = $$"""{ "IdentityToken": {{section}} }""";
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var root = new ConfigurationBuilder().AddJsonStream(stream).Build();
        var found = new ConfigErrors(root);
        var options = root.GetSection("IdentityToken").Get<IdentityTokenOptions>() ?? new();
        options.Validate(found);
        var issuer = TokenIssuer.Read(options, _folder, isDevelopment, found);
        errors = found.All;
        return issuer;
    }

    public TokenIssuer Issuer(string claims = "{}", string more = "", string key = "one.pem", string algorithm = "ES256")
    {
        if (!File.Exists(Path.Combine(_folder, key)))
            NewKey(key, algorithm);
        var issuer = Read(
            $$"""{ "Issuer": "/foo/bar", "SigningKeys": [ { "File": "{{key}}" } ], "Claims": {{claims}} {{more}} }""", out var errors);
        Assert.Empty(errors);
        return issuer!;
    }

    public Mutator Mutator(TokenIssuer issuer, string audience = """["foo","bar"]""")
    {
        using var json = JsonDocument.Parse($$"""[ { "IdentityToken": { "Audience": {{audience}} } } ]""");
        var reading = new MutatorReading { HasTokens = true, Issuer = issuer, Signer = Signer };
        var read = RuleMutators.Read(json.RootElement, reading);
        Assert.Empty(reading.Problems.All);
        return read.Single();
    }

    /// <summary>The header's value that the service gets.</summary>
    public static string? Send(Mutator mutator, Caller? caller, string header = "X-Identity-Token", params string[] captures)
    {
        var message = new HttpRequestMessage();
        mutator.Apply(MutatorRun.Request(captures), caller, message.Headers);
        return message.Header(header);
    }

    public static JsonElement Payload(string token)
    {
        using var json = JsonDocument.Parse(Microsoft.IdentityModel.Tokens.Base64UrlEncoder.DecodeBytes(token.Split('.')[1]));
        return json.RootElement.Clone();
    }

    public static Caller Caller(string session, string subject = "foo", TimeSpan? left = null) =>
        new(subject, "kratos", Start + (left ?? TimeSpan.FromHours(1))) { SessionJson = Encoding.UTF8.GetBytes(session) };

    public void Dispose()
    {
        Signer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
